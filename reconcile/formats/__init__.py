"""What is known of each producer of exports, one folder each; `registry` lists their readers, `shared` holds what several use."""
