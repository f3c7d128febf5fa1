import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const ERRORS = { 1: "denied", 2: "unavailable", 3: "timeout" };
// what a device may take to find itself, and what we wait for an answer at all: some
// browsers never call back when nobody answers whether they may
const TIMEOUT = 8000;
const PATIENCE = 12000;

/**
 * Checking in and out with one tap, wherever the button stands. The position is asked
 * for if the company wants it and the user allows it, and never keeps anybody from his
 * work.
 */
export const visitCheckInService = {
    dependencies: ["action", "dialog", "orm"],

    start(env, { action, dialog, orm }) {
        function getPosition() {
            const geolocation = browser.navigator.geolocation;
            if (!geolocation) {
                return Promise.resolve({ error: "unsupported" });
            }
            return new Promise((resolve) => {
                const timer = browser.setTimeout(() => resolve({ error: "timeout" }), PATIENCE);
                const answer = (position) => {
                    browser.clearTimeout(timer);
                    resolve(position);
                };
                geolocation.getCurrentPosition(
                    ({ coords }) =>
                        answer({
                            latitude: coords.latitude,
                            longitude: coords.longitude,
                            accuracy: coords.accuracy,
                        }),
                    (error) => answer({ error: ERRORS[error.code] || "unavailable" }),
                    { enableHighAccuracy: true, timeout: TIMEOUT, maximumAge: 30000 }
                );
            });
        }

        /** Ask before leaving the customer where the user is still checked in. */
        function mayLeave(running) {
            return new Promise((resolve) => {
                dialog.add(
                    ConfirmationDialog,
                    {
                        title: _t("You are still checked in"),
                        body: _t(
                            "%(visit)s, since %(time)s. Check out there, and check in here? Its report stays due.",
                            { visit: running.name, time: running.since }
                        ),
                        confirmLabel: _t("Check Out There"),
                        confirm: () => resolve(true),
                        cancelLabel: _t("Stay There"),
                        cancel: () => resolve(false),
                    },
                    { onClose: () => resolve(false) }
                );
            });
        }

        async function getInfo() {
            const info = await orm.call("customer.visit", "visit_check_in_info", []);
            return {
                running: info.running,
                position: info.position ? await getPosition() : { error: "off" },
            };
        }

        async function arrive(model, method, id) {
            const { running, position } = await getInfo();
            if (running && !(model === "customer.visit" && running.id === id)) {
                if (!(await mayLeave(running))) {
                    return false;
                }
                await orm.call("customer.visit", "action_end", [[running.id], position]);
            }
            return orm.call(model, method, [[id], position]);
        }

        return {
            /** @returns {Promise<Boolean>} whether the user is checked in now */
            start: (visitId) => arrive("customer.visit", "action_start", visitId),
            /** Check in at a customer without a plan, and open the visit. */
            async visitNow(partnerId) {
                const opened = await arrive("res.partner", "action_visit_now", partnerId);
                if (opened) {
                    await action.doAction(opened);
                }
                return Boolean(opened);
            },
            /** Check out, and ask for the report; `onClose` is called after it. */
            async end(visitId, onClose) {
                const { position } = await getInfo();
                const report = await orm.call("customer.visit", "action_end", [
                    [visitId],
                    position,
                ]);
                await action.doAction(report, { onClose });
            },
        };
    },
};

registry.category("services").add("visit_check_in", visitCheckInService);
