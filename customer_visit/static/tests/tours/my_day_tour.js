import { registry } from "@web/core/registry";

const stop = ".o_my_day_route .o_my_day_stop:contains('Alpha Foods')";

registry.category("web_tour.tours").add("customer_visit_my_day", {
    steps: () => [
        {
            content: "The remark of the manager is there; read is read",
            trigger: ".o_my_day_block_remarks:contains('Between us') button:contains('Got It')",
            run: "click",
        },
        {
            content: "It is gone; read what to know before the visit",
            trigger: `.o_my_day:not(:has(.o_my_day_block_remarks)) ${stop} button[data-method=action_open_preparation]`,
            run: "click",
        },
        {
            trigger: ".modal .o_visit_preparation .o_visit_part",
        },
        {
            trigger: ".modal footer button[name=action_prepare]",
            run: "click",
        },
        {
            trigger: `${stop} .badge:contains('Prepared')`,
        },
        {
            content: "Arrive",
            trigger: `body:not(:has(.modal)) ${stop} button[data-method=action_start]`,
            run: "click",
        },
        {
            content: "Leave",
            trigger: `${stop} button[data-method=action_end]`,
            timeout: 30000,
            run: "click",
        },
        {
            content: "The report is asked for",
            trigger: ".modal button[special=cancel], .modal .btn-close",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) ${stop} .badge:contains('Report Due')`,
        },
        {
            content: "The next week",
            trigger: ".o_my_day_week button[aria-label='The week after']",
            run: "click",
        },
        {
            trigger: ".o_my_day_route:contains('Nothing planned for this day')",
        },
        {
            trigger: ".o_my_day_back",
            run: "click",
        },
        {
            trigger: stop,
        },
    ],
});
