import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const BOX = ".o_card_find_input";

/** A misspelt name, a part of a number, and Enter opens the first. */
tours.add("card_find_customer", {
    steps: () => [
        { content: "The empty screen helps", trigger: ".o_card_find_help" },
        { trigger: BOX, run: "edit Alfa Fods" },
        {
            content: "Found, and why",
            trigger: ".o_card_find_row:contains(Alpha Foods) .o_card_find_why:contains(Similar)",
        },
        { trigger: BOX, run: "edit 290 34 91" },
        {
            content: "A contact's number finds the customer",
            trigger: ".o_card_find_row:contains(Alpha Foods) .o_card_find_why:contains(Ada Alpha)",
        },
        {
            content: "The digits are marked",
            trigger: ".o_card_find_why mark:contains(290 34 91)",
        },
        { trigger: BOX, run: "edit Beta Tools" },
        {
            content: "A colleague's customer is not shown",
            trigger: ".o_card_find_nothing .o_card_find_report",
        },
        { trigger: BOX, run: "edit alpha f" },
        { trigger: ".o_card_find_row.o_card_find_active:contains(Alpha Foods)" },
        { content: "By the keyboard", trigger: BOX, run: "press Enter" },
        { trigger: ".o_form_view h1 [name=name]:has(textarea, input, span)" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Active)" },
    ],
});

/** Nothing found: ask, learn no more than that there is one, and request access. */
tours.add("card_find_elsewhere", {
    steps: () => [
        { trigger: BOX, run: "edit Alpha Foods Ltd" },
        { trigger: ".o_card_find_elsewhere", run: "click" },
        {
            content: "There is one, and no word about whose",
            trigger: ".o_card_find_nothing:contains(Somebody else):not(:contains(Custodian East))",
        },
        { trigger: ".o_card_find_request", run: "click" },
        {
            content: "The request says what was typed",
            trigger: ".o_form_view [name=search_text] input:value(Alpha Foods Ltd)",
        },
    ],
});

/** The banner of a new customer names the one that he resembles. */
tours.add("card_duplicate_banner", {
    steps: () => [
        {
            trigger: ".o_form_view [name=name] textarea, .o_form_view [name=name] input",
            run: "edit ALPHA FOODS GmbH",
        },
        {
            trigger: ".o_form_view [name=email] input",
            run: "edit office@alpha.example.com",
        },
        { trigger: ".o_form_view [name=phone] input", run: "click" },
        {
            trigger: ".o_card_duplicate a:contains(Alpha Foods)",
        },
        { trigger: ".o_card_duplicate:contains(same e-mail, like name)" },
        { trigger: ".o_form_button_cancel", run: "click" },
    ],
});
