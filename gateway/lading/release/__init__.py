"""What follows the bill: release of the cargo, insurance, presentation to a bank."""
