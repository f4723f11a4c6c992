"""The town's websites: four of different markup, served on loopback, one port each."""

from demo.sites.server import SiteServers

__all__ = ["SiteServers"]
