"""The bill of lading as TradeTrust's credentials and renderers name its fields."""
