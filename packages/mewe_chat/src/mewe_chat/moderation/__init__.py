"""What the leaders of a group do so that its chat is safe to be in, and the way past them."""
