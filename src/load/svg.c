/*
 * svg.c - see report.h: the latencies as a picture for pages and slides, with
 * CSS for light and dark. Time is on a logarithmic scale, so that the few that
 * took long are seen beside the many that did not.
 */
#include "report.h"

#include <math.h>
#include <string.h>

enum { MOST_BARS = 160 };

/* In user units. */
enum {
    WIDTH = 960,
    HEIGHT = 480,
    LEFT = 70,
    RIGHT = 810, /* the last label needs room beside it */
    TOP = 150,
    BOTTOM = 410,
    LABEL_WIDTH = 80, /* of a time, with room beside it */
    MARK_ROW = 20,    /* between two percentiles' labels */
};

static const char css[] =
    "<style>\n"
    "text{font:15px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace;"
    "fill:#1b1f24}\n"
    ".paper{fill:#fff}.heading{font-weight:bold;font-size:17px}\n"
    ".middle{text-anchor:middle}\n"
    ".axis{stroke:#8c959f;stroke-width:2;fill:none}\n"
    ".grid{stroke:#8c959f;stroke-opacity:.3}\n"
    ".bar{fill:#0550ae}.mark{stroke:#8a4600;stroke-width:2;"
    "stroke-dasharray:5 3}\n"
    "text.mark{fill:#8a4600;stroke:none}\n"
    "@media(prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3}.paper{fill:#0d1117}.axis{stroke:#6e7681}\n"
    ".bar{fill:#79c0ff}.mark{stroke:#ffb26b}text.mark{fill:#ffb26b}\n"
    "}\n</style>\n";

struct picture {
    FILE *out;
    const struct histogram *latency;
    size_t bars;
    uint64_t edges[MOST_BARS + 1];
    double from, octaves; /* the axis of time: log2 */
};

static double column(const struct picture *picture, uint64_t time)
{
    double place = log2(time > 0 ? (double)time : 1) - picture->from;

    place = place < 0 ? 0 : place;
    return LEFT + (RIGHT - LEFT) * place / picture->octaves;
}

static void put_bars(const struct picture *picture)
{
    char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
    uint64_t counts[MOST_BARS], most = 1;

    for (size_t i = 0; i < picture->bars; i++) {
        counts[i] = histogram_between(picture->latency, picture->edges[i],
                                      picture->edges[i + 1]);
        most = counts[i] > most ? counts[i] : most;
    }
    for (size_t i = 0; i < picture->bars; i++) {
        double x = column(picture, picture->edges[i]);
        double width = column(picture, picture->edges[i + 1]) - x;
        double height = (BOTTOM - TOP) * (double)counts[i] / (double)most;
        if (counts[i] == 0)
            continue;
        /* What is rare is still to be seen. */
        height = height < 1.5 ? 1.5 : height;
        fprintf(picture->out,
                "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                "height=\"%.1f\"><title>%s to %s: %llu of %llu</title>"
                "</rect>\n",
                x, BOTTOM - height, width > 1.5 ? width - 0.5 : 1, height,
                time_text(picture->edges[i], from),
                time_text(picture->edges[i + 1], to),
                (unsigned long long)counts[i],
                (unsigned long long)picture->latency->count);
    }
}

/* 1, 2 and 5 of each power of ten; only 1 where the labels of 1 and 2, an
 * octave apart, would touch. */
static void put_axis(const struct picture *picture)
{
    static const unsigned steps[] = {1, 2, 5};
    char text[TIME_TEXT_SIZE];
    uint64_t last = picture->edges[picture->bars];
    size_t count = (RIGHT - LEFT) / picture->octaves < LABEL_WIDTH ? 1 : 3;

    fprintf(picture->out, "<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LEFT,
            BOTTOM, RIGHT);
    for (uint64_t decade = 1; decade <= last; decade *= 10) {
        for (size_t i = 0; i < count; i++) {
            uint64_t time = decade * steps[i];
            if (log2((double)time) < picture->from || time > last)
                continue;
            double x = column(picture, time);
            fprintf(picture->out,
                    "<path class=\"grid\" d=\"M%.1f %dV%d\"/>\n"
                    "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>\n",
                    x, TOP, BOTTOM + 6, x, BOTTOM + 24, time_text(time, text));
        }
    }
    fprintf(picture->out,
            "<text class=\"middle\" x=\"%d\" y=\"%d\">latency, logarithmic; "
            "the height is the share of requests</text>\n",
            (LEFT + RIGHT) / 2, BOTTOM + 52);
}

/* Each percentile's line and, in a row of its own, its label to the right: the
 * lines of the next ones begin below it. */
static void put_marks(const struct picture *picture)
{
    static const struct {
        const char *name;
        double share;
    } marks[] = {{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};
    char text[TIME_TEXT_SIZE];

    for (int i = 0; i < 4; i++) {
        uint64_t time = histogram_percentile(picture->latency, marks[i].share);
        double x = column(picture, time);
        int y = TOP - 4 * MARK_ROW + i * MARK_ROW;
        fprintf(picture->out,
                "<path class=\"mark\" d=\"M%.1f %dV%d\"/>\n"
                "<text class=\"mark\" x=\"%.1f\" y=\"%d\">%s %s</text>\n",
                x, y - 12, BOTTOM, x + 6, y, marks[i].name,
                time_text(time, text));
    }
}

static void put_heading(const struct picture *picture, const struct load *load,
                        const struct results *results)
{
    char text[200];

    snprintf(text, sizeof text,
             "%s: %ld connection%s, %ld byte%s, %.0f requests/s",
             mode_names[load->mode], load->connections,
             load->connections == 1 ? "" : "s", load->size,
             load->size == 1 ? "" : "s", request_rate(results));
    fprintf(picture->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
            "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
            "<title>Latency of %s</title>\n%s"
            "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n"
            "<text class=\"heading\" x=\"%d\" y=\"32\">%s</text>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT, text, css, WIDTH, HEIGHT, LEFT, text);
}

int report_svg(FILE *out, const struct load *load,
               const struct results *results)
{
    struct picture picture = {.out = out, .latency = &results->latency};

    put_heading(&picture, load, results);
    picture.bars = histogram_bands(picture.latency, MOST_BARS, picture.edges);
    if (picture.bars > 0) {
        uint64_t first = picture.edges[0] > 0 ? picture.edges[0] : 1;
        picture.from = log2((double)first);
        picture.octaves =
            log2((double)picture.edges[picture.bars]) - picture.from;
        put_axis(&picture);
        put_bars(&picture);
        put_marks(&picture);
    } else {
        fprintf(out, "<text x=\"%d\" y=\"%d\">no request came back</text>\n",
                LEFT, TOP);
    }
    fputs("</svg>\n", out);
    bool failed = ferror(out) != 0;
    return fclose(out) == EOF || failed ? -1 : 0;
}
