"""A title register under the bills, and bills as documents of title."""
