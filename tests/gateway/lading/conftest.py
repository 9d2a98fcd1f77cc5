"""The store on both databases."""

from tests.postgres import postgres, store, store_url

__all__ = ["postgres", "store", "store_url"]
