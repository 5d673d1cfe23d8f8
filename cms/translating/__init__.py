"""Content translation over wagtail-localize, made safe: drafts only, the same words exactly, own languages.

`taming` shuts what wagtail-localize would do to live texts; `adopting` and `saving` are the way in;
`po`, `checks`, `exporting` and `importing` carry texts to translators outside and back.
"""
