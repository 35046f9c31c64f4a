"""Menus as text, and the tools around them; `hotline.toml` is the packaged menu.

source      a menu file, or a folder with one file a menu: read, kept as one text, and the line at which each value stands
"""
