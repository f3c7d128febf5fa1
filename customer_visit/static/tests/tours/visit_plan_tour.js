import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("visit_plan_arrange", {
    steps: () => [
        {
            content: "Who is due is proposed",
            trigger: "button[name=action_propose]:contains(Propose Visits)",
            run: "click",
        },
        {
            content: "The day and the customer are in the plan",
            trigger: ".o_field_widget[name=visit_ids] td:contains(Due Custodian East 0)",
        },
        {
            content: "One column for each day",
            trigger: ".oe_stat_button:contains(Board)",
            run: "click",
        },
        {
            content: "Move him to Friday",
            trigger: ".o_kanban_record:contains(Due Custodian East 0)",
            run: "drag_and_drop(.o_kanban_group:has(.o_column_title:contains(Friday)))",
        },
        {
            content: "He is there",
            trigger:
                ".o_kanban_group:has(.o_column_title:contains(Friday)) .o_kanban_record:contains(Due Custodian East 0)",
        },
        {
            content: "Back to the plan",
            trigger: ".o_back_button, .breadcrumb-item a:contains(week of)",
            run: "click",
        },
        {
            content: "Submit it",
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            content: "It waits for the manager",
            trigger: ".alert-info:contains(Manager East)",
        },
    ],
});
registry.category("web_tour.tours").add("visit_plan_decide", {
    steps: () => [
        {
            content: "The plan that waits",
            trigger: ".o_data_row:contains(Custodian East) td[name=date_start]",
            run: "click",
        },
        {
            content: "Approve it",
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            content: "Approved",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
        },
    ],
});
