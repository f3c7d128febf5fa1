/* global Chart */

import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { formatCurrency } from "@web/core/currency";

/** Colours that are told apart on light and on dark paper. */
const PALETTE = {
    main: ["#714B67", "#c39bb7"],
    quiet: ["#d5ccd2", "#4d4550"],
    a: ["#1f9d72", "#3fbf93"],
    b: ["#3188e6", "#6bb0f5"],
    c: ["#adb5bd", "#6c757d"],
    line: ["#e6a23c", "#ffc45e"],
    danger: ["#d9534f", "#ef7873"],
    grid: ["rgba(0, 0, 0, 0.07)", "rgba(255, 255, 255, 0.12)"],
    text: ["#5f6368", "#c5c8cc"],
};

/** @returns {String} a colour of the palette for the page as it is shown */
export function chartColor(name) {
    return (PALETTE[name] || PALETTE.main)[cookie.get("color_scheme") === "dark" ? 1 : 0];
}

/**
 * A chart of Odoo's own Chart.js: bars or a line over labels, amounts in the currency.
 * What is clicked is told by its index.
 */
export class TradeChart extends Component {
    static template = "customer_segmentation.TradeChart";
    static props = {
        type: { type: String, optional: true },
        labels: Array,
        // {label, data, color, type, fill, stepped, points}
        datasets: Array,
        currency: { type: [Number, Boolean], optional: true },
        percent: { type: Boolean, optional: true },
        legend: { type: Boolean, optional: true },
        label: String,
        onPick: { type: Function, optional: true },
    };
    static defaultProps = { type: "bar", legend: true };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify([this.props.labels, this.props.datasets])]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    format(value) {
        if (this.props.percent) {
            return `${Math.round(value * 10) / 10} %`;
        }
        if (this.props.currency) {
            return formatCurrency(value, this.props.currency);
        }
        return String(value);
    }

    formatTick(value) {
        return this.props.currency
            ? formatCurrency(value, this.props.currency, {
                  humanReadable: true,
                  digits: [false, Math.abs(value) < 10000 && value % 1000 ? 1 : 0],
              })
            : this.format(value);
    }

    draw() {
        this.chart?.destroy();
        if (this.canvas.el) {
            this.chart = new Chart(this.canvas.el, this.config);
        }
    }

    get config() {
        const { type, labels, datasets } = this.props;
        return {
            type,
            data: { labels, datasets: datasets.map((one) => this.dataset(one)) },
            options: {
                maintainAspectRatio: false,
                animation: { duration: 250 },
                interaction: { mode: "index", intersect: false },
                onClick: (ev, found) => found.length && this.props.onPick?.(found[0].index),
                onHover: (ev, found) => {
                    ev.native.target.style.cursor =
                        this.props.onPick && found.length ? "pointer" : "default";
                },
                plugins: {
                    legend: {
                        display: this.props.legend,
                        position: "bottom",
                        labels: { boxWidth: 12, color: chartColor("text") },
                    },
                    tooltip: {
                        callbacks: {
                            label: (item) => `${item.dataset.label}: ${this.format(item.parsed.y)}`,
                        },
                    },
                },
                scales: {
                    x: {
                        grid: { display: false },
                        ticks: {
                            color: chartColor("text"),
                            maxRotation: 0,
                            autoSkipPadding: 8,
                        },
                    },
                    y: {
                        beginAtZero: true,
                        max: this.props.percent ? 100 : undefined,
                        border: { display: false },
                        grid: { color: chartColor("grid") },
                        ticks: {
                            color: chartColor("text"),
                            maxTicksLimit: 6,
                            callback: (value) => this.formatTick(value),
                        },
                    },
                },
            },
        };
    }

    dataset({ label, data, color, type, fill, points = true }) {
        const colors = Array.isArray(color) ? color.map(chartColor) : chartColor(color || "main");
        return {
            label,
            data,
            type,
            backgroundColor: colors,
            borderColor: colors,
            borderRadius: 3,
            borderWidth: type === "line" || this.props.type === "line" ? 2 : 0,
            maxBarThickness: 36,
            fill: fill || false,
            pointRadius: points ? 2 : 0,
            tension: 0.25,
        };
    }
}

/** A line of some points, as large as a word. A point without value is left out. */
export class Sparkline extends Component {
    static template = "customer_segmentation.Sparkline";
    static props = { points: Array, label: String };

    get places() {
        const points = this.props.points
            .map((value, index) => ({ value, index }))
            .filter(({ value }) => value !== null && value !== false);
        const values = points.map(({ value }) => value);
        const low = Math.min(0, ...values);
        const span = Math.max(...values) - low || 1;
        const last = Math.max(1, this.props.points.length - 1);
        return points.map(({ value, index }) => ({
            x: Math.round((2 + (96 * index) / last) * 10) / 10,
            y: Math.round((26 - (22 * (value - low)) / span) * 10) / 10,
        }));
    }

    get line() {
        return this.places.map(({ x, y }) => `${x},${y}`).join(" ");
    }

    get end() {
        return this.places.at(-1);
    }
}
