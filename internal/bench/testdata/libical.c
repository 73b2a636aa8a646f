/* Expands a year of every series and writes every object again with libical.
   Usage: libical RUNS FILE...  Prints the best run in microseconds and how many
   dates it found. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *slurp(const char *name) {
    FILE *f = fopen(name, "rb");
    if (!f) { perror(name); exit(2); }
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    char *s = malloc(n + 1);
    if (fread(s, 1, n, f) != (size_t)n) exit(2);
    s[n] = 0;
    fclose(f);
    return s;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void count(icalcomponent *c, struct icaltime_span *span, void *n) {
    (void)c; (void)span;
    ++*(long *)n;
}

int main(int argc, char **argv) {
    int runs = atoi(argv[1]), n = argc - 2;
    icalcomponent **all = calloc(n, sizeof *all);
    for (int i = 0; i < n; i++) {
        char *s = slurp(argv[i + 2]);
        all[i] = icalparser_parse_string(s);
        free(s);
        if (!all[i]) return 3;
    }
    double best = 1e18;
    long dates = 0;
    size_t bytes = 0;
    for (int r = 0; r < runs; r++) {
        dates = 0;
        bytes = 0;
        double begin = now();
        for (int i = 0; i < n; i++) {
            icalcomponent *e = icalcomponent_get_first_component(all[i], ICAL_VEVENT_COMPONENT);
            struct icaltimetype from = icalcomponent_get_dtstart(e), to = from;
            to.year++;
            icalcomponent_foreach_recurrence(e, from, to, count, &dates);
            char *s = icalcomponent_as_ical_string_r(all[i]);
            bytes += strlen(s);
            free(s);
        }
        double took = now() - begin;
        if (took < best) best = took;
    }
    printf("%.0f %ld %zu\n", best, dates, bytes);
    return 0;
}
