#!/usr/bin/env escript
%% The mean time, in nanoseconds, from asking a supervised gen_server to fail until its successor has answered a call.
-mode(compile).
-export([init/1, start_link/0, handle_call/3, handle_cast/2]).

main([Crashes]) ->
    logger:set_primary_config(level, none),
    N = list_to_integer(Crashes),
    {ok, _} = supervisor:start_link(?MODULE, supervisor),
    Began = erlang:monotonic_time(nanosecond),
    crash(N),
    io:format("~b~n", [(erlang:monotonic_time(nanosecond) - Began) div N]).

crash(0) -> ok;
crash(N) ->
    Before = whereis(counter),
    gen_server:cast(counter, fail),
    serving(Before),
    crash(N - 1).

%% OTP cannot wait for a name, so it asks until there is a new one.
serving(Before) ->
    case whereis(counter) of
        Pid when is_pid(Pid), Pid =/= Before -> 1 = gen_server:call(Pid, get);
        _ -> erlang:yield(), serving(Before)
    end.

start_link() -> gen_server:start_link({local, counter}, ?MODULE, counter, []).

init(supervisor) ->
    Child = #{id => counter, start => {?MODULE, start_link, []}},
    {ok, {#{intensity => 1000000, period => 1}, [Child]}};
init(counter) -> {ok, 1}.

handle_call(get, _From, Count) -> {reply, Count, Count}.

handle_cast(fail, Count) -> {stop, asked_to_fail, Count}.
