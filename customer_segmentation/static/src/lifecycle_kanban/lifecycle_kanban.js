import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/**
 * Figures are written by the system alone: a card that is dropped on another stage stays
 * where it is until the server has asked why, and until when it shall stand there.
 */
export class LifecycleKanbanRenderer extends KanbanRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get canResequenceRecords() {
        const { isGrouped, groupByField } = this.props.list;
        return super.canResequenceRecords && isGrouped && groupByField.name === "lifecycle_stage";
    }

    async sortRecordDrop(dataRecordId, dataGroupId, { parent }) {
        parent?.classList.remove("o_kanban_hover");
        const { groups, model } = this.props.list;
        const source = groups.find((group) => group.id === dataGroupId);
        const target = groups.find((group) => group.id === parent?.dataset.id);
        const record = source?.list.records.find((one) => one.id === dataRecordId);
        if (!record || !target || source === target || !target.value) {
            return;
        }
        const action = await this.orm.call("customer.metrics", "action_move_stage", [
            [record.resId],
            target.value,
        ]);
        await this.action.doAction(action, { onClose: () => model.load() });
    }
}

registry.category("views").add("customer_lifecycle_kanban", {
    ...kanbanView,
    Renderer: LifecycleKanbanRenderer,
});
