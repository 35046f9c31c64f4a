"""The documents of the checkout as a site: `pages` says which page stands where, `build` makes it, `serve` shows it on this machine.

Markdown stays as it is and where it is, so that it reads on a forge too. MkDocs with the theme Material makes the pages, in a Python
environment of its own in the cache folder. Nothing of a page is fetched from elsewhere: it is read where there is no network.
"""
