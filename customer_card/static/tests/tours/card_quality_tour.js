import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("customer_card_quality", {
    steps: () => [
        {
            content: "Somebody else has changed the card",
            trigger: ".o_card_look button:contains(Changed since your last look)",
            run: "click",
        },
        {
            content: "This is what he changed",
            trigger: ".o_card_look li:contains(+32 2 888 00 00):contains(Manager East)",
        },
        {
            content: "What the card lacks is a link",
            trigger: ".o_card_missing button[data-field=habit_purchase]:contains(How he buys)",
            run: "click",
        },
        {
            content: "The tab is open and the cursor is in the field",
            trigger: ".o_field_widget[name=habit_purchase] textarea:focus",
            run: "edit Every May",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Back to the card",
            trigger: ".o_notebook_headers .nav-link[name=customer_card]",
            run: "click",
        },
        {
            content: "It is more complete now, at once",
            trigger: ".o_card_missing:not(:has([data-field=habit_purchase]))",
        },
    ],
});
