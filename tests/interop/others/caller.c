/* A C node that calls a server and a function of ours. Arguments: cookie, port of our node. */
#include <arpa/inet.h>
#include <ei.h>
#include <stdio.h>
#include <stdlib.h>

static void must(int is_so, const char *what) {
    if (!is_so) {
        fprintf(stderr, "%s: erl_errno %d\n", what, erl_errno);
        exit(1);
    }
}

/* What gen_server:call sends, and its answer: {Tag, Answer}. */
static long call_counter(ei_cnode *self, int fd, long by) {
    erlang_ref tag, answered;
    erlang_msg message;
    ei_x_buff request, answer;
    int received, version, arity, at = 0;
    long sum;

    must(ei_make_ref(self, &tag) == 0, "ei_make_ref");
    ei_x_new_with_version(&request);
    ei_x_encode_tuple_header(&request, 3);
    ei_x_encode_atom(&request, "$gen_call");
    ei_x_encode_tuple_header(&request, 2);
    ei_x_encode_pid(&request, ei_self(self));
    ei_x_encode_ref(&request, &tag);
    ei_x_encode_tuple_header(&request, 2);
    ei_x_encode_atom(&request, "add");
    ei_x_encode_long(&request, by);
    must(ei_reg_send(self, fd, "counter", request.buff, request.index) == 0, "ei_reg_send");

    ei_x_new(&answer);
    /* Nodes that are connected say now and then that they live. */
    do {
        received = ei_xreceive_msg_tmo(fd, &message, &answer, 10000);
    } while (received == ERL_TICK);
    must(received == ERL_MSG, "ei_xreceive_msg_tmo");
    must(ei_decode_version(answer.buff, &at, &version) == 0, "version");
    must(ei_decode_tuple_header(answer.buff, &at, &arity) == 0 && arity == 2, "a pair");
    must(ei_decode_ref(answer.buff, &at, &answered) == 0 && ei_cmp_refs(&tag, &answered) == 0, "the tag");
    must(ei_decode_long(answer.buff, &at, &sum) == 0, "a number");
    return sum;
}

static void call_function(ei_cnode *self, int fd) {
    ei_x_buff arguments, answer;
    char *text = NULL;
    int at = 0;

    ei_x_new(&arguments);
    ei_x_new(&answer);
    must(ei_x_format_wo_ver(&arguments, "[42, 2]") == 0, "ei_x_format_wo_ver");
    must(ei_rpc(self, fd, "work", "divide", arguments.buff, arguments.index, &answer) >= 0, "ei_rpc");
    must(ei_s_print_term(&text, answer.buff, &at) > 0, "ei_s_print_term");
    puts(text);
}

int main(int count, char **arguments) {
    ei_cnode self;
    struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
    int fd;

    must(count == 3 && ei_init() == 0, "ei_init");
    must(ei_connect_xinit(&self, "127.0.0.1", "ei", "ei@127.0.0.1", &loopback, arguments[1], 1) >= 0,
         "ei_connect_xinit");
    fd = ei_xconnect_host_port(&self, &loopback, atoi(arguments[2]));
    must(fd >= 0, "ei_xconnect_host_port");
    printf("%ld\n", call_counter(&self, fd, 40));
    call_function(&self, fd);
    return 0;
}
