"""Developers' spiders for sites that a site file can't describe alone.

A module here is named by `spider = "…"` in a site file; its class `SiteSpider` subclasses
`crawlers.listing.ListingSpider` and overrides a hook.
"""
