"""Prometheus metrics of one gateway, in a registry of its own: several may live in one process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.store import exchanges, hooks
from gateway.store.database import Store

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_BYTES: Final = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8)


class Metrics:
    """What `/metrics` tells; names and labels carry no ids, so their number stays small."""

    def __init__(self, store: Store) -> None:
        """Count requests from now on; the store is asked at each scrape."""
        self.registry = CollectorRegistry(auto_describe=False)
        self.requests = Counter(
            "silkgate_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "silkgate_http_request_seconds",
            "Seconds from the request's head to the end of its answer",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.body_bytes = Histogram(
            "silkgate_http_request_body_bytes",
            "Declared length of request bodies",
            ("route",),
            buckets=_BYTES,
            registry=self.registry,
        )
        self.refusals = Counter(
            "silkgate_refusals", "Refusals by error code", ("code",), registry=self.registry
        )
        self.registry.register(_Exchanges(store))
        self.registry.register(_Hooks(store))

    def exposition(self) -> bytes:
        """Return the text format of Prometheus."""
        return generate_latest(self.registry)


class _Exchanges(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name the metric without asking the store."""
        yield self._gauge()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count the exchanges as they are now."""
        gauge = self._gauge()
        with self._store.read() as tx:
            counts = exchanges.counts(tx)
        for (direction, state), number in sorted(counts.items()):
            gauge.add_metric((direction.value, state.value), number)
        yield gauge

    def _gauge(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "silkgate_exchanges", "Exchanges by direction and state", labels=("direction", "state")
        )


class _Hooks(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name the metric without asking the store."""
        yield self._gauge()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count what waits for receivers, and what was given up."""
        gauge = self._gauge()
        with self._store.read() as tx:
            found = hooks.counts(tx)
        gauge.add_metric(("waiting",), found.waiting)
        gauge.add_metric(("given-up",), found.given_up)
        yield gauge

    def _gauge(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "silkgate_webhooks", "Webhooks not delivered yet, by state", labels=("state",)
        )
