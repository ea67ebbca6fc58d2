%% Reads scenarios, plays each, prints its trace; see ../README.md for the format.
-module(driver).
-export([main/1, play/3]).

main(Modules) ->
    io:setopts([{encoding, utf8}]),
    io:format("# otp ~s~n", [erlang:system_info(otp_release)]),
    lists:foldl(fun(Scenario, Peer) -> print(Scenario, Modules, Peer) end, none, read(none, [], [])).

%% The scenarios, each a name and its lines.
read(Name, Lines, Scenarios) ->
    Done = fun() -> [{Name, lists:reverse(Lines)} || Name =/= none] ++ Scenarios end,
    case io:get_line("") of
        eof -> lists:reverse(Done());
        "@ " ++ Next -> read(string:trim(Next), [], Done());
        Line -> read(Name, [string:trim(Line) | Lines], Scenarios)
    end.

print({Name, Lines}, Modules, Peer0) ->
    {Declarations, Steps} = lists:partition(fun is_declaration/1, Lines),
    {Trace, Peer} = case lists:any(fun may_end_node/1, Lines) of
        true -> on_peer(Modules, Peer0, Declarations, Steps);
        false -> {play(none, Declarations, Steps), Peer0}
    end,
    io:put_chars(["@ ", Name, $\n, [[Line, $\n] || Line <- Trace]]),
    Peer.

is_declaration(Line) ->
    lists:member(hd(string:lexemes(Line, " ")), ["server", "sup", "dynamic", "app"]).

may_end_node("app " ++ _ = Line) ->
    re:run(Line, " type=(permanent|transient)") =/= nomatch;
may_end_node(Step) -> string:find(Step, " node_stop") =/= nomatch.

%% A node that ends with a permanent application is another operating system process.
on_peer(Modules, none, Declarations, Steps) ->
    Leader = group_leader(),
    % What the other node says at its end is of no interest.
    group_leader(spawn(fun silent/0), self()),
    {ok, Peer, _} = peer:start(#{connection => standard_io, args => ["+S", "1:1", "-kernel", "logger_level", "none"],
                                 env => [{"ERL_CRASH_DUMP_SECONDS", "0"}]}),
    group_leader(Leader, self()),
    [{module, _} = peer:call(Peer, code, load_binary, [M, F, C]) || {M, F, C} <- Modules],
    on_peer(Modules, Peer, Declarations, Steps);
on_peer(_Modules, Peer, Declarations, Steps) ->
    File = string:trim(os:cmd("mktemp")),
    unlink(Peer),
    Trace = try peer:call(Peer, driver, play, [File, Declarations, Steps], infinity)
            catch _:_ -> ended
            end,
    {ok, Text} = file:read_file(File),
    file:delete(File),
    case Trace of
        ended -> {string:lexemes(Text, "\n") ++ [" node down"], none};
        _ -> {Trace, Peer}
    end.

silent() ->
    receive {io_request, From, Ref, _} -> From ! {io_reply, Ref, ok} end,
    silent().

%% Plays one scenario on this node.
play(Sink, Declarations, Steps) ->
    Before = processes(),
    ets:new(scenario, [named_table, public]),
    recorder:start(Sink),
    settle(),
    [ets:insert(scenario, declaration(string:lexemes(Line, " "))) || Line <- Declarations],
    apps:load(),
    actor:spawn_proc("main", [trap]),
    settle(),
    [begin step(Line), Sink =:= none orelse halt_if_down() end || Line <- Steps],
    Trace = recorder:take(),
    apps:clear(),
    [exit(Pid, kill) || Pid <- processes() -- Before],
    settle(),
    ets:delete(scenario),
    Trace.

%% No step follows the end of a node, which takes some seconds to be gone.
halt_if_down() ->
    try application:which_applications(200)
    catch exit:_ -> halt(0)
    end.

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
