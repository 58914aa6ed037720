"""Quality of the comparison of posts on made-up stores of every form; run with `python -m bench.posts`."""
