/* Opens many streams of server-sent events and tells how late their events are.
 *
 *   paced PORT PATH BODY KEY STREAMS RAMP FIRST GAP FRAMES
 *
 * Each of STREAMS connections posts the file BODY; they begin evenly over RAMP seconds. The first two events of a
 * stream are due FIRST seconds after its request was written, each further one GAP seconds after the one before it.
 * The last two, which end a stream of FRAMES events, are not judged. Prints one line of JSON, times in milliseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 30.0 /* seconds without an event until what is open counts as failed */

typedef struct {
    int fd, frames, newline, checked;
    double sent;
} Stream;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

static double at(const double *sorted, long count, double share) {
    return count ? 1000 * sorted[(long)(share * (count - 1))] : 0;
}

static int ended, failed, live, most;
static struct sockaddr_in server;
static char *request;
static size_t request_size;
static double *late, *firsts, first, gap;
static long lates, first_count;
static int frames_wanted;

static void compose(const char *port, const char *path, const char *file, const char *key) {
    FILE *body = fopen(file, "rb");
    if (!body) { perror(file); exit(2); }
    fseek(body, 0, SEEK_END);
    long size = ftell(body);
    rewind(body);
    request = malloc(size + 2048);
    int head = snprintf(request, 2048,
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Type: application/json\r\n"
        "Authorization: Bearer %s\r\nContent-Length: %ld\r\n\r\n", path, port, key, size);
    request_size = head + fread(request + head, 1, size, body);
    fclose(body);
}

static void begin(int poll, Stream *stream) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = stream};
    stream->fd = fd;
    if (fd < 0 || (connect(fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)) {
        failed++;
        return;
    }
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    if (++live > most) most = live;
}

static void finish(Stream *stream, int well) {
    close(stream->fd);
    live--;
    if (well) ended++; else failed++;
}

static void ask(int poll, Stream *stream) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};
    stream->sent = now();
    if (write(stream->fd, request, request_size) != (ssize_t)request_size) { finish(stream, 0); return; }
    epoll_ctl(poll, EPOLL_CTL_MOD, stream->fd, &event);
}

static void note(Stream *stream, double time) {
    int number = stream->frames++;
    if (number == 0) firsts[first_count++] = time - stream->sent - first;
    if (number < frames_wanted - 2)
        late[lates++] = time - stream->sent - first - (number > 1 ? number - 1 : 0) * gap;
}

static void take(Stream *stream) {
    static char buffer[65536];
    ssize_t size = read(stream->fd, buffer, sizeof buffer);
    double time = now();
    if (size <= 0) {
        if (size == 0 || errno != EAGAIN) finish(stream, 0);
        return;
    }
    if (!stream->checked) {
        stream->checked = 1;
        if (size < 12 || memcmp(buffer + 9, "200", 3)) { finish(stream, 0); return; }
    }
    for (ssize_t i = 0; i < size; i++) {
        if (buffer[i] == '\n' && stream->newline) {
            note(stream, time);
            stream->newline = 0;
            if (stream->frames == frames_wanted) { finish(stream, 1); return; }
        } else {
            stream->newline = buffer[i] == '\n';
        }
    }
}

int main(int count, char **args) {
    if (count != 10) return 2;
    int streams = atoi(args[5]), begun = 0;
    double ramp = atof(args[6]);
    first = atof(args[7]);
    gap = atof(args[8]);
    frames_wanted = atoi(args[9]);
    compose(args[1], args[2], args[3], args[4]);
    server.sin_family = AF_INET;
    server.sin_port = htons(atoi(args[1]));
    inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
    late = malloc(sizeof(double) * streams * (long)frames_wanted);
    firsts = malloc(sizeof(double) * streams);
    Stream *all = calloc(streams, sizeof *all);
    struct epoll_event events[512];
    int poll = epoll_create1(0);
    double start = now(), heard = start;
    while (ended + failed < streams && now() - heard < PATIENCE) {
        while (begun < streams && now() - start >= begun * ramp / streams) begin(poll, &all[begun++]);
        int ready = epoll_wait(poll, events, 512, begun < streams ? 1 : 200);
        for (int i = 0; i < ready; i++) {
            Stream *stream = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) ask(poll, stream); else take(stream);
        }
        if (ready > 0) heard = now();
    }
    double spent = now() - start;
    qsort(late, lates, sizeof *late, ascending);
    qsort(firsts, first_count, sizeof *firsts, ascending);
    printf("{\"ended\": %d, \"errors\": %d, \"most\": %d, \"events\": %ld, \"seconds\": %.3f, "
           "\"first_p50\": %.3f, \"first_p99\": %.3f, \"late_p50\": %.3f, \"late_p99\": %.3f, \"late_max\": %.3f}\n",
           ended, streams - ended, most, lates, spent, at(firsts, first_count, 0.5), at(firsts, first_count, 0.99),
           at(late, lates, 0.5), at(late, lates, 0.99), at(late, lates, 1));
    return 0;
}
