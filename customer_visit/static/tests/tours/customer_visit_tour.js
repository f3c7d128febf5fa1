import { registry } from "@web/core/registry";

/** A device that says where it is, or why it does not. */
function mockPosition(position) {
    return {
        content: "A device that answers at once",
        trigger: "body",
        run() {
            const geolocation = {
                getCurrentPosition(success, failure) {
                    if (position.code) {
                        failure(position);
                    } else {
                        success({ coords: position });
                    }
                },
            };
            Object.defineProperty(window.navigator, "geolocation", {
                value: geolocation,
                configurable: true,
            });
        },
    };
}

/** One tap to check in, one to check out, then the report. */
registry.category("web_tour.tours").add("visit_check_in", {
    steps: () => [
        { trigger: ".o_visit_start:contains(Check In)" },
        mockPosition({ latitude: 42.3601, longitude: -71.0501, accuracy: 15 }),
        { trigger: ".o_visit_start", run: "click" },
        { trigger: ".o_visit_since:contains(Checked in at)" },
        { trigger: ".o_arrow_button_current:contains(In Progress)" },
        { trigger: ".o_field_widget[name=check_in_state]:contains(At the Customer)" },
        { trigger: ".o_visit_end", run: "click" },
        {
            content: "The report is asked for at once",
            trigger: ".modal .o_field_widget[name=result] span:contains(Objectives Achieved)",
            run: "click",
        },
        {
            trigger: ".modal .o_visit_question:contains(Is he content) button:contains(Yes)",
            run: "click",
        },
        {
            trigger: ".modal .o_visit_question:contains(How many) input",
            run: "edit 12",
        },
        {
            trigger: ".modal .o_visit_question:contains(Which one) button:contains(Two)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=customer_said] textarea",
            run: "edit All is well",
        },
        {
            content: "Nothing is handed in without a next step",
            trigger: ".modal button[name=action_report]",
            run: "click",
        },
        { trigger: ".o_error_dialog:contains(a next step), .modal:contains(still needs)" },
        {
            trigger: ".modal:contains(still needs) .modal-footer button.btn-primary",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=next_none_reason] input",
            run: "edit Season is over",
        },
        { trigger: ".modal button[name=action_report]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Reported)" },
    ],
});

/** Who does not tell where he is checks in all the same. */
registry.category("web_tour.tours").add("visit_check_in_denied", {
    steps: () => [
        { trigger: ".o_visit_start" },
        mockPosition({ code: 1 }),
        { trigger: ".o_visit_start", run: "click" },
        { trigger: ".o_visit_since:contains(Checked in at)" },
    ],
});

/** From a card, while still checked in elsewhere. */
registry.category("web_tour.tours").add("visit_now", {
    steps: () => [
        mockPosition({ latitude: 42.3601, longitude: -71.0501, accuracy: 15 }),
        { trigger: "a[name=customer_visit]", run: "click" },
        { trigger: ".o_visit_now", run: "click" },
        {
            trigger: ".modal:contains(You are still checked in) button:contains(Check Out There)",
            run: "click",
        },
        { trigger: ".o_visit_since:contains(Checked in at)" },
        { trigger: ".o_arrow_button_current:contains(In Progress)" },
    ],
});

/** A call, told in one dialog on the card. */
registry.category("web_tour.tours").add("visit_log", {
    steps: () => [
        { trigger: "a[name=customer_visit]", run: "click" },
        { trigger: "button[name=action_visit_log]", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=result] span:contains(Partly)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=customer_said] textarea",
            run: "edit He calls back",
        },
        {
            trigger: ".modal .o_field_widget[name=next_none_reason] input",
            run: "edit He calls back himself",
        },
        { trigger: ".modal button[name=action_report]", run: "click" },
        {
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=visit_ids] .o_data_row:contains(Phone Call):contains(Reported)",
        },
    ],
});
