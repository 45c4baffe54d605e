/*
 * arguments.c - the command line of every program: see netprog.h.
 */
#include "netprog.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A descriptor that is closed is the lowest free one: the first socket would
 * become it. /dev/null is opened the wrong way round, so that its use fails. */
static void take_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) != -1)
            continue;
        if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            die("open /dev/null as descriptor %d", fd);
    }
}

static bool takes_text(const struct option_spec *option)
{
    return option->unit != NULL && option->min > option->max;
}

static void print_default(const struct option_spec *option)
{
    const char *text = takes_text(option) ? *(const char **)option->value : "";

    if (takes_text(option) && *option->unit != '[')
        printf(" (default %s)", text != NULL ? text : "none");
    else if (option->unit != NULL && !takes_text(option))
        printf(" (default %ld)", *(long *)option->value);
}

static _Noreturn void print_usage(const char *about,
                                  const struct option_spec *option,
                                  const char **address, const char **port)
{
    char name[40];

    printf("Usage: %s [OPTION]...%s%s\n%s\n\n", program_name,
           address != NULL ? " [ADDRESS]" : "", port != NULL ? " [PORT]" : "",
           about);
    if (address != NULL)
        printf("  %-20s (default %s)\n", "ADDRESS", *address);
    if (port != NULL)
        printf("  %-20s 0 to 65535; a number alone is the port (default %s)\n",
               "PORT", *port);
    for (; option != NULL && option->name != NULL; option++) {
        const char *unit = option->unit != NULL ? option->unit : "";
        snprintf(name, sizeof name, "--%s%s%s", option->name,
                 *unit == '[' ? "[=" : " ", unit + (*unit == '[' ? 1 : 0));
        printf("  %-20s %s", name, option->about);
        print_default(option);
        putchar('\n');
    }
    say("  %-20s show this", "-h, --help");
    exit(EXIT_SUCCESS);
}

static bool is_number(const char *text)
{
    text += *text == '-' ? 1 : 0;
    return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

long parse_number(const char *what, const char *text, long min, long max)
{
    char *end;

    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < min || number > max ||
        !is_number(text))
        misuse("%s \"%s\": not a whole number from %ld to %ld", what, text, min,
               max);
    return number;
}

/* Takes "--name", "--name N" or "--name=N" at argv[0]; gives how many words. */
static int take_option(char *argv[], const struct option_spec *option)
{
    size_t length = strcspn(argv[0], "=");
    const char *value = argv[0][length] == '=' ? argv[0] + length + 1 : NULL;

    while (option != NULL && option->name != NULL &&
           (strncmp(argv[0], "--", 2) != 0 ||
            strlen(option->name) != length - 2 ||
            strncmp(argv[0] + 2, option->name, length - 2) != 0))
        option++;
    if (option == NULL || option->name == NULL)
        misuse("unknown option %s", argv[0]);
    if (option->unit == NULL) {
        if (value != NULL)
            misuse("option --%s takes no value", option->name);
        *(long *)option->value = 1;
        return 1;
    }
    int words = value != NULL || *option->unit == '[' ? 1 : 2;
    if (value == NULL && (value = words == 1 ? "" : argv[1]) == NULL)
        misuse("option --%s needs a %s", option->name,
               takes_text(option) ? "value" : "number");
    if (takes_text(option))
        *(const char **)option->value = value;
    else
        *(long *)option->value =
            parse_number(option->name, value, option->min, option->max);
    return words;
}

/* 7000, but also -1 and 0x50, which are then refused; 127.0.0.1 is not. */
static bool is_meant_as_port(const char *word)
{
    return (*word == '-' || isdigit((unsigned char)*word)) &&
           strpbrk(word, ".:") == NULL;
}

void parse_arguments(int argc, char *argv[], const char *about,
                     const struct option_spec *options, const char **address,
                     const char **port)
{
    const char *words[2];
    int taken = 0, most = (address != NULL ? 1 : 0) + (port != NULL ? 1 : 0);

    if (argc > 0)
        program_name = argv[0];
    if (strrchr(program_name, '/') != NULL)
        program_name = strrchr(program_name, '/') + 1;
    take_standard_descriptors();
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            print_usage(about, options, address, port);
    for (int i = 1; i < argc;) {
        if (argv[i][0] == '-' && !is_number(argv[i]))
            i += take_option(argv + i, options);
        else if (taken < most && (port != NULL || !is_meant_as_port(argv[i])))
            words[taken++] = argv[i++];
        else
            misuse("unexpected argument \"%s\"", argv[i]);
    }
    bool no_address = port != NULL && taken == 1 && is_meant_as_port(words[0]);
    if (taken > 0 && !no_address)
        *address = words[0];
    if (taken == 2 || no_address)
        *port = words[taken - 1];
    if (port != NULL)
        parse_number("port", *port, 0, 65535);
}

void lesson_arguments(int argc, char *argv[], const char *about,
                      const struct option_spec *options, uint32_t *address,
                      uint16_t *port)
{
    char default_address[INET_ADDRSTRLEN], default_port[8];
    const char *address_word = default_address, *port_word = default_port;
    struct in_addr parsed = {htonl(*address)};

    inet_ntop(AF_INET, &parsed, default_address, sizeof default_address);
    snprintf(default_port, sizeof default_port, "%u", *port);
    parse_arguments(argc, argv, about, options, &address_word, &port_word);
    *port = (uint16_t)strtol(port_word, NULL, 10);
    if (strcmp(address_word, "any") == 0)
        parsed.s_addr = htonl(INADDR_ANY);
    else if (inet_pton(AF_INET, address_word, &parsed) != 1)
        misuse("address \"%s\": not an IPv4 address like 127.0.0.1, nor 'any' "
               "(names come in lesson 17)",
               address_word);
    *address = ntohl(parsed.s_addr);
}
