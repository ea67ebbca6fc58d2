%% Reads scenarios, plays each, prints its trace; see ../README.md for the format.
-module(driver).
-export([main/0]).

main() ->
    io:setopts([{encoding, utf8}]),
    io:format("# otp ~s~n", [erlang:system_info(otp_release)]),
    [print(Scenario) || Scenario <- read(none, [], [])],
    ok.

%% The scenarios, each a name and its lines.
read(Name, Lines, Scenarios) ->
    Done = fun() -> [{Name, lists:reverse(Lines)} || Name =/= none] ++ Scenarios end,
    case io:get_line("") of
        eof -> lists:reverse(Done());
        "@ " ++ Next -> read(string:trim(Next), [], Done());
        Line -> read(Name, [string:trim(Line) | Lines], Scenarios)
    end.

print({Name, Lines}) ->
    {Declarations, Steps} = lists:partition(fun is_declaration/1, Lines),
    io:put_chars(["@ ", Name, $\n, [[Line, $\n] || Line <- play(Declarations, Steps)]]).

is_declaration(Line) ->
    lists:member(hd(string:lexemes(Line, " ")), ["server", "sup", "dynamic"]).

%% Plays one scenario on this node.
play(Declarations, Steps) ->
    Before = processes(),
    ets:new(scenario, [named_table, public]),
    recorder:start(),
    settle(),
    [ets:insert(scenario, declaration(string:lexemes(Line, " "))) || Line <- Declarations],
    actor:spawn_proc("main", [trap]),
    settle(),
    [step(Line) || Line <- Steps],
    Trace = recorder:take(),
    [exit(Pid, kill) || Pid <- processes() -- Before],
    settle(),
    ets:delete(scenario),
    Trace.

declaration([Kind, Name | Options]) ->
    {{spec, Name}, maps:from_list([{"kind", Kind} | [option(Option) || Option <- Options]])}.

option(Option) ->
    case string:split(Option, "=") of
        [Key, Value] -> {Key, Value};
        [Flag] -> {Flag, "yes"}
    end.

step("& " ++ Line) -> recorder:step(["& ", Line]), do(Line);
step("~ " ++ Line) -> recorder:step(["~ ", Line]), do(Line), settle();
step(Line) -> recorder:step(Line), do(Line), settle().

do(Line) ->
    case string:lexemes(Line, " ") of
        ["wait", Time] -> timer:sleep(list_to_integer(Time));
        [Actor | Words] -> actor:tell(Actor, Words)
    end.

%% Until nobody has anything to do but to wait. A process that has yet to take a signal looks as if it waited, so all
%% must have waited, and done nothing, for some turns.
settle() -> settle(5, []).

settle(0, _Before) -> ok;
settle(Left, Before) ->
    erlang:yield(),
    Now = [process_info(Pid, [status, reductions]) || Pid <- processes() -- [self()]],
    case Now =:= Before andalso lists:all(fun is_waiting/1, Now) of
        true -> settle(Left - 1, Now);
        false -> settle(5, Now)
    end.

is_waiting([{status, Status} | _]) -> Status =:= waiting;
is_waiting(undefined) -> false.
