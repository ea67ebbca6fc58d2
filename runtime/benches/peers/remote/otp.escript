#!/usr/bin/env escript
%%! +K true -kernel inet_dist_use_interface {127,0,0,1}
%% Two nodes of OTP: `otp.escript serve NAME` serves until its input ends; `otp.escript WORKLOAD N NAME` prints nanoseconds.
%% Times are measured twice, and the first time is to warm up.
-mode(compile).
-export([init/1, handle_call/3, handle_cast/2]).

main(["serve", Name]) ->
    start(Name),
    {ok, _} = gen_server:start({local, counter}, ?MODULE, 0, []),
    io:format("0~n"),
    io:get_line("");
main([Workload, Count, Name]) ->
    logger:set_primary_config(level, none),
    start("c" ++ integer_to_list(erlang:unique_integer([positive])) ++ Name),
    Server = {counter, list_to_atom(Name ++ "@127.0.0.1")},
    pong = net_adm:ping(element(2, Server)),
    N = list_to_integer(Count),
    measure(Workload, Server, N),
    io:format("~b~n", [measure(Workload, Server, N)]).

start(Name) ->
    {ok, _} = net_kernel:start([list_to_atom(Name ++ "@127.0.0.1"), longnames]),
    erlang:set_cookie(node(), bench).

measure("call", Server, N) -> each(N, fun() -> calls(Server, N) end);
measure("cast", Server, N) -> each(N, fun() -> casts(Server, {bump, 1}, N), gen_server:call(Server, get, infinity) end);
measure("blob", Server, N) ->
    Blob = {blob, binary:copy(<<7>>, 10000)},
    each(N, fun() -> casts(Server, Blob, N), gen_server:call(Server, get, infinity) end);
measure("callers", Server, N) ->
    each(N, fun() ->
        Callers = [spawn_monitor(fun() -> calls(Server, N div 64) end) || _ <- lists:seq(1, 64)],
        [receive {'DOWN', Monitor, process, Pid, normal} -> ok end || {Pid, Monitor} <- Callers]
    end).

each(N, Work) ->
    Began = erlang:monotonic_time(nanosecond),
    Work(),
    (erlang:monotonic_time(nanosecond) - Began) div N.

calls(_, 0) -> ok;
calls(Server, N) ->
    gen_server:call(Server, {add, 1}),
    calls(Server, N - 1).

casts(_, _, 0) -> ok;
casts(Server, Message, N) ->
    gen_server:cast(Server, Message),
    casts(Server, Message, N - 1).

init(Count) -> {ok, Count}.

handle_call({add, By}, _From, Count) -> {reply, Count + By, Count + By};
handle_call(get, _From, Count) -> {reply, Count, Count}.

handle_cast({bump, By}, Count) -> {noreply, Count + By};
handle_cast({blob, Bytes}, Count) when byte_size(Bytes) > 0 -> {noreply, Count + 1}.
