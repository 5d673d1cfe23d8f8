"""Addresses of the readers' side that are no pages of the tree; they stand before it."""

from django.urls import path, register_converter

from cms.passing_on import views as passing_on
from cms.reader import helping, parts, searching, shortening, standing_files
from cms.reader.addresses import PartConverter
from cms.reader.media import serve_media

register_converter(PartConverter, "part")

urlpatterns = [
    path("", standing_files.choose_language, name="chooser"),
    path("robots.txt", standing_files.robots, name="robots"),
    path("sitemap.xml", standing_files.sitemap, name="sitemap"),
    path("site.webmanifest", standing_files.manifest, name="manifest"),
    path("icon.svg", standing_files.icon, name="icon"),
    path("reader.js", passing_on.reader_script, name="reader_script"),
    path("keeper.js", passing_on.keeper_script, name="keeper_script"),
    path("media/<path:name>", serve_media, name="media"),
    path("r/<slug:code>", shortening.open_short, name="short"),
    path("<slug:language>/m/<slug:code>", shortening.open_older, name="short_link"),
    path("<slug:language>/help/", helping.list_countries, name="countries"),
    path("<slug:language>/help/<slug:country>/", helping.help_in_country, name="country"),
    path("<slug:language>/search/", searching.search, name="search"),
    path("<slug:language>/story/<slug:key>/", parts.show_story, name="story"),
    path("<slug:language>/alert/<slug:key>/", parts.show_alert, name="alert"),
    path("<slug:language>/<str:slug>/<part:part>/", parts.show_part, name="part"),
    path("<slug:language>/<str:slug>/keep/", passing_on.keep, name="keep"),
    path("<slug:language>/<str:slug>/kept.json", passing_on.kept_list, name="kept_list"),
    path("<slug:language>/<str:slug>/information.html", passing_on.single_file, name="file"),
    path("<slug:language>/<str:slug>/leaflet.pdf", passing_on.leaflet, name="leaflet"),
]
