"""An excerpt placed in the export it was cut from by words and order, where its times do not do it: seeds, chain, filling, judgement."""
