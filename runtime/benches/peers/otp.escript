#!/usr/bin/env escript
%%! +P 1000000
%% One measurement of OTP: `escript otp.escript WORKLOAD N` prints nanoseconds, or bytes, per operation.
%% Times are measured twice, and the first time is to warm up.
-mode(compile).
-export([init/1, start_link/0, handle_call/3, handle_cast/2]).

main([Workload, Count]) ->
    logger:set_primary_config(level, none),
    N = list_to_integer(Count),
    Workload =:= "memory" orelse measure(Workload, N),
    io:format("~b~n", [measure(Workload, N)]).

measure("call", N) ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    each(N, fun() -> calls(Server, N) end);
measure("cast", N) ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    each(N, fun() ->
        casts(Server, N),
        N = gen_server:call(Server, get)
    end);
measure("callers", N) ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    each(N, fun() ->
        Callers = [spawn_monitor(fun() -> calls(Server, N div 8) end) || _ <- lists:seq(1, 8)],
        [receive {'DOWN', Monitor, process, Pid, normal} -> ok end || {Pid, Monitor} <- Callers]
    end);
measure("start", N) ->
    each(N, fun() -> starts(N) end);
measure("restart", N) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, supervisor),
    Each = each(N, fun() -> crashes(N) end),
    gen_server:stop(Supervisor),
    Each;
measure("memory", N) ->
    Before = resident(),
    Servers = [element(2, gen_server:start(?MODULE, 0, [])) || _ <- lists:seq(1, N)],
    After = resident(),
    N = length(Servers),
    (After - Before) div N.

each(N, Work) ->
    Began = erlang:monotonic_time(nanosecond),
    Work(),
    (erlang:monotonic_time(nanosecond) - Began) div N.

calls(_, 0) -> ok;
calls(Server, N) ->
    gen_server:call(Server, {add, 1}),
    calls(Server, N - 1).

casts(_, 0) -> ok;
casts(Server, N) ->
    gen_server:cast(Server, {bump, 1}),
    casts(Server, N - 1).

starts(0) -> ok;
starts(N) ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    Monitor = monitor(process, Server),
    gen_server:cast(Server, stop),
    receive {'DOWN', Monitor, process, Server, normal} -> ok end,
    starts(N - 1).

crashes(0) -> ok;
crashes(N) ->
    Before = whereis(counter),
    gen_server:cast(counter, fail),
    serving(Before),
    crashes(N - 1).

%% OTP cannot wait for a name, so it asks until there is a new one.
serving(Before) ->
    case whereis(counter) of
        Pid when is_pid(Pid), Pid =/= Before -> 0 = gen_server:call(Pid, get);
        _ -> erlang:yield(), serving(Before)
    end.

%% Bytes of this process in memory; the second number of statm counts pages.
resident() ->
    {ok, Statm} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Statm, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.

start_link() -> gen_server:start_link({local, counter}, ?MODULE, 0, []).

init(supervisor) ->
    Child = #{id => counter, start => {?MODULE, start_link, []}},
    {ok, {#{intensity => 1000000, period => 1}, [Child]}};
init(Count) -> {ok, Count}.

handle_call({add, By}, _From, Count) -> {reply, Count + By, Count + By};
handle_call(get, _From, Count) -> {reply, Count, Count}.

handle_cast({bump, By}, Count) -> {noreply, Count + By};
handle_cast(fail, Count) -> {stop, asked_to_fail, Count};
handle_cast(stop, Count) -> {stop, normal, Count}.
