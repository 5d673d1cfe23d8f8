"""Addresses of partners and their campaigns, below /desk/."""

from django.urls import path

from campaigns.views import efforts, partners, staffing

urlpatterns = [
    path("partners/", partners.list_partners, name="desk_partners"),
    path("partners/new/", partners.add_partner, name="desk_partner_new"),
    path("partners/staff/", staffing.list_staff, name="desk_staff"),
    path("partners/staff/invite/", staffing.invite, name="desk_staff_invite"),
    path("partners/staff/<int:person>/end/", staffing.end, name="desk_staff_end"),
    path(
        "partners/staff/invited/<int:invitation>/", staffing.take_back, name="desk_staff_withdraw"
    ),
    path("partners/<int:pk>/", partners.show_partner, name="desk_partner"),
    path("partners/<int:pk>/change/", partners.change_partner, name="desk_partner_change"),
    path("partners/<int:pk>/invite/", partners.invite, name="desk_partner_invite"),
    path("partners/<int:pk>/budgets/", partners.save_budget, name="desk_partner_budget"),
    path(
        "partners/<int:pk>/invitations/<int:invitation>/withdraw/",
        partners.take_back,
        name="desk_partner_withdraw",
    ),
    path(
        "partners/<int:pk>/people/<int:membership>/end/",
        partners.end_membership,
        name="desk_partner_end",
    ),
    path("campaigns/", efforts.list_campaigns, name="desk_campaigns"),
    path("campaigns/new/", efforts.add_campaign, name="desk_campaign_new"),
    path("campaigns/<int:pk>/", efforts.show_campaign, name="desk_campaign"),
    path("campaigns/<int:pk>/change/", efforts.change_campaign, name="desk_campaign_change"),
    path("campaigns/<int:pk>/activate/", efforts.activate, name="desk_campaign_activate"),
]
