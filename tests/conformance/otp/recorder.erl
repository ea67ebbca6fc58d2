%% Writes down what happens, in the order in which it is told, and watches the processes of a scenario.
-module(recorder).
-export([start/0, hello/1, hello/2, event/2, step/1, take/0]).

start() ->
    spawn(fun() ->
        process_flag(priority, high),
        register(recorder, self()),
        loop([])
    end).

%% The running process, or Pid, is Name; its end is an event.
hello(Name) -> hello(Name, self()).
hello(Name, Pid) -> ask({hello, Name, Pid}).

event(Name, Text) -> recorder ! {event, Name, Text}.

step(Line) -> ask({step, Line}).

take() -> ask(take).

ask(Request) ->
    Ref = make_ref(),
    recorder ! {Request, self(), Ref},
    receive {Ref, Answer} -> Answer end.

loop(Lines) ->
    receive
        {event, Name, Text} ->
            loop([lists:flatten([" ", Name, " ", Text]) | Lines]);
        {'DOWN', _, process, Pid, Reason} ->
            loop([lists:flatten([" ", words:name(Pid), " down ", words:reason(Reason)]) | Lines]);
        {{step, Line}, From, Ref} ->
            From ! {Ref, ok},
            loop([lists:flatten(["> ", Line]) | Lines]);
        {{hello, Name, Pid}, From, Ref} ->
            ets:insert(scenario, [{{pid, Pid}, Name}, {{name, Name}, Pid}]),
            monitor(process, Pid),
            From ! {Ref, ok},
            loop(Lines);
        {take, From, Ref} ->
            From ! {Ref, lists:reverse(Lines)}
    end.
