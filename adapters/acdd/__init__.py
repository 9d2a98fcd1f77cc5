"""ASEAN Customs Declaration Document: the 15 elements of export data for the other side."""
