"""What admins edit, and the typed code that reads it."""

from config.errors import ConfigError
from config.fields import FieldSpec
from config.load import load, site_named, timings
from config.models import Config, MatchingSettings, Unit
from config.obstacles import crawl_obstacle
from config.schedules import Timing
from config.selectors import Selector
from config.sitefile import SiteFile, Start
from config.starter import write_starter

__all__ = [
    "Config",
    "ConfigError",
    "FieldSpec",
    "MatchingSettings",
    "Selector",
    "SiteFile",
    "Start",
    "Timing",
    "Unit",
    "crawl_obstacle",
    "load",
    "site_named",
    "timings",
    "write_starter",
]
