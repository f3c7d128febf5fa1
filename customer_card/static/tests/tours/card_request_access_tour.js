import { registry } from "@web/core/registry";

/** From a customer that one may not open to a submitted request. */
registry.category("web_tour.tours").add("card_request_access", {
    steps: () => [
        {
            content: "The error is an offer",
            trigger: ".modal .o_card_access_error",
        },
        {
            content: "It does not tell who the customer is",
            trigger: ".modal .o_card_access_error:not(:contains(Alpha))",
        },
        {
            trigger: ".modal button:contains(Request access)",
            run: "click",
        },
        {
            content: "The request is prefilled with the name that was asked for",
            trigger: ".o_form_view [name=card_names]:contains(Alpha Foods)",
        },
        {
            trigger: ".o_form_view [name=purpose] textarea",
            run: "edit Trade fair in June",
        },
        {
            trigger: ".o_form_view button[name=action_submit]",
            run: "click",
        },
        {
            content: "It waits, and says for whom",
            trigger: ".o_form_view .alert:contains(Manager East)",
        },
        {
            trigger: ".o_arrow_button_current:contains(To Approve)",
        },
    ],
});

/** The manager finds the request among those to approve, and lends. */
registry.category("web_tour.tours").add("card_lend", {
    steps: () => [
        {
            trigger: ".o_data_row:contains(Alpha Foods) [name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Lent)",
        },
        {
            trigger: ".o_form_view button[name=action_revoke]",
        },
    ],
});

/** The manager refuses, and has to say why. */
registry.category("web_tour.tours").add("card_refuse", {
    steps: () => [
        {
            trigger: ".o_data_row:contains(Alpha Foods) [name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_refuse]",
            run: "click",
        },
        {
            trigger: ".modal [name=reason] textarea",
            run: "edit Ask the custodian instead",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_form_view .alert:contains(Ask the custodian instead)",
        },
    ],
});
