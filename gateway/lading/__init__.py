"""Bills of lading: their states from draft to end, and what is made of them."""
