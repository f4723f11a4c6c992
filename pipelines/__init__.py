"""From what a page says to a normalised advert: text, contacts, places, prices, language."""
