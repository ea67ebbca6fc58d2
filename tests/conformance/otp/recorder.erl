%% Writes down what happens, in the order in which it is told, and watches the processes of a scenario.
-module(recorder).
-export([start/1, hello/1, hello/2, event/2, step/1, take/0]).

start(Sink) ->
    spawn(fun() ->
        process_flag(priority, high),
        register(recorder, self()),
        loop(Sink, [])
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

loop(Sink, Lines) ->
    receive
        {event, Name, Text} ->
            loop(Sink, told(Sink, [" ", Name, " ", Text], Lines));
        {'DOWN', _, process, Pid, Reason} ->
            loop(Sink, told(Sink, [" ", words:name(Pid), " down ", words:reason(Reason)], Lines));
        {{step, Line}, From, Ref} ->
            From ! {Ref, ok},
            loop(Sink, told(Sink, ["> ", Line], Lines));
        {{hello, Name, Pid}, From, Ref} ->
            ets:insert(scenario, [{{pid, Pid}, Name}, {{name, Name}, Pid}]),
            monitor(process, Pid),
            From ! {Ref, ok},
            loop(Sink, Lines);
        {take, From, Ref} ->
            From ! {Ref, lists:reverse(Lines)}
    end.

%% A node that is about to end leaves what it has told in a file.
told(none, Line, Lines) -> [Line | Lines];
told(File, Line, Lines) ->
    ok = file:write_file(File, [Line, $\n], [append, raw]),
    [Line | Lines].
