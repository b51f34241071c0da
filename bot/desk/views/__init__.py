"""What agents see: rows of our tables and the shop's answers, as the desk shows them."""
