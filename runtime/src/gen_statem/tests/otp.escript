#!/usr/bin/env escript
%% Runs every scenario of a file (scenarios.txt beside this one, or those that are given) on OTP's gen_statem, and says
%% where the trace differs from the one that is written there.
-mode(compile).
-behaviour(gen_statem).
-export([main/1, init/1, callback_mode/0, handle_event/4, terminate/3]).

%% Longer than every time-out in a scenario.
-define(QUIET, 300).

main([]) ->
    main([filename:join(filename:dirname(escript:script_name()), "scenarios.txt")]);
main(Files) ->
    Scenarios = lists:append([parse(File) || File <- Files]),
    Self = self(),
    Runs = [spawn_monitor(fun() -> Self ! {self(), run(Scenario)} end) || Scenario <- Scenarios],
    Outcomes = [check(Scenario, receive {Pid, Trace} -> Trace;
                                        {'DOWN', Ref, process, Pid, Why} when Why =/= normal -> [{crashed, Why}]
                                end)
                || {Scenario, {Pid, Ref}} <- lists:zip(Scenarios, Runs)],
    Wrong = length([wrong || wrong <- Outcomes]),
    io:format("~b scenarios, ~b differ~n", [length(Outcomes), Wrong]),
    halt(min(Wrong, 1)).

check(#{name := Name, trace := Expected}, Expected) ->
    _ = Name,
    right;
check(#{name := Name, trace := Expected}, Trace) ->
    io:format("~ts~n  written ~ts~n  OTP     ~ts~n", [Name, lists:join(" ", Expected), lists:join(" ", Trace)]),
    wrong.

run(Scenario) ->
    {ok, Pid} = gen_statem:start(?MODULE, {Scenario, self()}, []),
    Trace = collect(),
    exit(Pid, kill),
    Trace.

collect() ->
    receive {step, Step} -> [lists:flatten(Step) | collect()] after ?QUIET -> [] end.

%% The machine: the state is a string, the data is the scenario and who is told.

callback_mode() -> [handle_event_function, state_enter].

init({#{init := {State, Actions}, send := Send}, _} = Data) ->
    [gen_statem:cast(self(), Event) || Event <- Send],
    {_, Options} = interpret(Actions),
    {ok, State, Data, Options}.

handle_event(enter, Old, State, {Scenario, Observer} = Data) ->
    Observer ! {step, [Old, ">", State]},
    answer(State, Data, interpret(maps:get({enter, State}, Scenario, [])));
handle_event(_, Event, State, {Scenario, Observer} = Data) ->
    Observer ! {step, [State, "/", Event]},
    answer(State, Data, interpret(maps:get({on, State, Event}, Scenario, []))).

terminate(_, State, {_, Observer}) ->
    Observer ! {step, [State, "!stop"]}.

answer(_, Data, {{next, State}, Options}) -> {next_state, State, Data, Options};
answer(_, _, {repeat, Options}) -> {repeat_state_and_data, Options};
answer(_, _, {stop, _}) -> stop;
answer(_, _, {keep, Options}) -> {keep_state_and_data, Options}.

interpret(Actions) -> interpret(Actions, keep, []).

interpret([], Next, Options) -> {Next, lists:reverse(Options)};
interpret([Action | Actions], Next, Options) ->
    case Action of
        ["next", State] -> interpret(Actions, {next, State}, Options);
        ["repeat"] -> interpret(Actions, repeat, Options);
        ["stop"] -> interpret(Actions, stop, Options);
        ["send", Event] -> gen_statem:cast(self(), Event), interpret(Actions, Next, Options);
        ["postpone"] -> interpret(Actions, Next, [postpone | Options]);
        ["insert", Event] -> interpret(Actions, Next, [{next_event, internal, Event} | Options]);
        ["timeout", Which, Time, Event] ->
            interpret(Actions, Next, [{which(Which), list_to_integer(Time), Event} | Options]);
        ["cancel", Which] -> interpret(Actions, Next, [{which(Which), cancel} | Options]);
        ["update", Which, Event] -> interpret(Actions, Next, [{which(Which), update, Event} | Options])
    end.

which("state") -> state_timeout;
which("event") -> timeout;
which(Name) -> {timeout, Name}.

%% The file.

parse(File) ->
    {ok, Binary} = file:read_file(File),
    Lines = [string:trim(Line) || Line <- string:split(binary_to_list(Binary), "\n", all)],
    lists:reverse(lists:foldl(fun line/2, [], Lines)).

line([], Scenarios) -> Scenarios;
line([$# | _], Scenarios) -> Scenarios;
line("scenario " ++ Name, Scenarios) -> [#{name => Name, send => [], trace => []} | Scenarios];
line("send " ++ Events, [Scenario | Rest]) -> [Scenario#{send := words(Events)} | Rest];
line("trace " ++ Steps, [Scenario | Rest]) -> [Scenario#{trace := words(Steps)} | Rest];
line(Line, [Scenario | Rest]) ->
    [Head, Tail] = string:split(Line, ":"),
    Actions = [words(Action) || Action <- string:split(Tail, ";", all), words(Action) =/= []],
    case words(Head) of
        ["init", State] -> [Scenario#{init => {State, Actions}} | Rest];
        ["enter", State] -> [Scenario#{{enter, State} => Actions} | Rest];
        ["on", State, Event] -> [Scenario#{{on, State, Event} => Actions} | Rest]
    end.

words(Text) -> string:lexemes(Text, " ").
