%% The processes of a scenario: servers and plain ones, which do what they are told.
-module(actor).
-behaviour(gen_server).
-export([start_link/1, spec/1, spawn_proc/2, tell/2, pid/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

spec(Name) ->
    case ets:lookup(scenario, {spec, Name}) of
        [{_, Spec}] -> Spec;
        [] -> #{"kind" => "server"}
    end.

pid(Name) ->
    [{_, Pid}] = ets:lookup(scenario, {name, Name}),
    Pid.

%% Asks a process to do something. Does not wait.
tell(Name, Words) -> gen_server:cast(pid(Name), {do, Words}).

%% Servers.

start_link(Name) -> start(start_link, Name).

start(How, Name) ->
    case spec(Name) of
        #{"name" := Registered} -> gen_server:How({local, list_to_atom(Registered)}, ?MODULE, Name, []);
        #{"init_timeout" := Time} -> gen_server:How(?MODULE, Name, [{timeout, list_to_integer(Time)}]);
        #{} -> gen_server:How(?MODULE, Name, [])
    end.

init(Name) ->
    Spec = spec(Name),
    process_flag(trap_exit, is_map_key("trap", Spec)),
    recorder:hello(Name),
    Outcome = next_init(Name, Spec),
    recorder:event(Name, ["init ", Outcome]),
    case string:split(Outcome, ":") of
        ["ok"] -> {ok, #{name => Name, spec => Spec, timers => #{}, calls => []}};
        ["ignore"] -> ignore;
        ["stop", Reason] -> {stop, words:exit(Reason)};
        ["exit", Reason] -> exit(words:exit(Reason));
        ["crash", Reason] -> error(list_to_atom(Reason));
        ["hang"] -> receive never -> ok end;
        ["sleep", Time] ->
            timer:sleep(list_to_integer(Time)),
            {ok, #{name => Name, spec => Spec, timers => #{}, calls => []}}
    end.

%% The outcomes are used up one by one; then all is well.
next_init(Name, Spec) ->
    Left = case ets:lookup(scenario, {inits, Name}) of
        [{_, Inits}] -> Inits;
        [] -> string:lexemes(maps:get("init", Spec, ""), ",")
    end,
    case Left of
        [] -> "ok";
        [Outcome | Others] ->
            ets:insert(scenario, {{inits, Name}, Others}),
            Outcome
    end.

handle_call(Request, From, State = #{name := Name, calls := Calls}) ->
    recorder:event(Name, ["call ", Request]),
    case string:split(Request, ":") of
        ["ping"] -> {reply, "pong", State};
        ["who"] -> {reply, words:name(self()), State};
        ["hang"] -> {noreply, State#{calls := Calls ++ [From]}};
        ["stop", Reason] -> {stop, words:exit(Reason), "stopping", State};
        ["stop_silently", Reason] -> {stop, words:exit(Reason), State};
        ["crash", Reason] -> error(list_to_atom(Reason));
        ["reply_then_crash", Reason] -> gen_server:reply(From, "early"), error(list_to_atom(Reason));
        ["late", Time] -> erlang:send_after(list_to_integer(Time), self(), {late, From}), {noreply, State};
        ["sleep", Time] -> timer:sleep(list_to_integer(Time)), {reply, "awake", State};
        ["self"] -> {reply, called(self(), "ping", infinity), State};
        ["ask", Other] -> {reply, called(pid(Other), "ping", infinity), State}
    end.

handle_cast({do, Words}, State) ->
    case do(Words, State) of
        {stop, Reason} -> {stop, Reason, State};
        Next -> {noreply, Next}
    end.

handle_info({late, From}, State) ->
    gen_server:reply(From, "late"),
    {noreply, State};
handle_info(Message, State = #{name := Name}) ->
    told(Name, Message),
    {noreply, State}.

terminate(Reason, #{name := Name, spec := Spec}) ->
    [recorder:event(Name, ["terminate ", words:reason(Reason)]) || is_map_key("tell", Spec)],
    case Spec of
        #{"terminate" := "hang"} -> receive never -> ok end;
        #{"terminate" := "sleep:" ++ Time} ->
            timer:sleep(list_to_integer(Time)),
            recorder:event(Name, ["terminated"]);
        #{"terminate" := "crash:" ++ Why} -> error(list_to_atom(Why));
        #{"terminate" := "exit:" ++ Why} -> exit(words:exit(Why));
        #{} -> ok
    end.

%% Plain processes.

spawn_proc(Name, Options) ->
    Caller = self(),
    Spawn = case {lists:member(link, Options), lists:member(monitor, Options)} of
        {true, _} -> fun erlang:spawn_link/1;
        {_, true} -> fun erlang:spawn_monitor/1;
        _ -> fun erlang:spawn/1
    end,
    Spawn(fun() ->
        process_flag(trap_exit, lists:member(trap, Options)),
        recorder:hello(Name),
        Caller ! {spawned, Name},
        proc(#{name => Name, timers => #{}})
    end),
    receive {spawned, Name} -> ok end.

proc(State = #{name := Name}) ->
    receive
        {'$gen_cast', {do, Words}} ->
            case do(Words, State) of
                {stop, Reason} -> exit(Reason);
                Next -> proc(Next)
            end;
        Message ->
            told(Name, Message),
            proc(State)
    end.

told(Name, {'EXIT', From, Reason}) ->
    recorder:event(Name, ["EXIT ", words:name(From), " ", words:reason(Reason)]);
told(Name, {'DOWN', _, process, From, Reason}) ->
    recorder:event(Name, ["DOWN ", words:name(From), " ", words:reason(Reason)]);
told(Name, {timer, Timer}) ->
    recorder:event(Name, ["timer ", Timer]);
told(Name, {through, Alias, Text}) ->
    recorder:event(Name, ["got ", Alias, " ", Text]);
told(Name, {Ref, Answer}) when is_reference(Ref); is_list(Ref) ->
    recorder:event(Name, ["got ", Answer]).

%% What any process can be told to do.

do(Words, State) ->
    case Words of
        ["stop", Reason] -> {stop, words:exit(Reason)};
        ["crash", Reason] -> error(list_to_atom(Reason));
        ["trap", Flag] -> process_flag(trap_exit, Flag =:= "on"), State;
        ["link", Other] -> link(pid(Other)), State;
        ["unlink", Other] -> unlink(pid(Other)), State;
        ["unlink_flush", Other] ->
            Pid = pid(Other),
            unlink(Pid),
            receive {'EXIT', Pid, _} -> ok after 0 -> ok end,
            State;
        ["monitor", Other] ->
            Monitor = monitor(process, pid(Other)),
            State#{{monitor, Other} => Monitor};
        ["monitor_alias", Other, Alias, Until] ->
            Monitor = monitor(process, pid(Other), [{alias, list_to_atom(Until)}]),
            ets:insert(scenario, {{alias, Alias}, Monitor}),
            State#{{monitor, Other} => Monitor};
        ["alias", Alias | Options] ->
            ets:insert(scenario, {{alias, Alias}, alias([list_to_atom(Option) || Option <- Options])}),
            State;
        ["unalias", Alias] -> answer(State, Words, atom_to_list(unalias(alias_of(Alias))));
        ["send", Alias, Text] -> alias_of(Alias) ! {through, Alias, Text}, State;
        ["demonitor", Other] -> demonitor(maps:get({monitor, Other}, State), [flush]), State;
        ["signal", Other, Reason] -> exit(pid(Other), words:exit(Reason)), State;
        ["spawn", Other | Options] -> spawn_proc(Other, [list_to_atom(Option) || Option <- Options]), State;
        ["call", Other, Request] -> answer(State, Words, called(pid(Other), Request, infinity));
        ["call", Other, Request, Time] ->
            answer(State, Words, called(pid(Other), Request, list_to_integer(Time)));
        ["call_name", Other, Request] -> answer(State, Words, called(list_to_atom(Other), Request, infinity));
        ["send_after", Time, Timer] ->
            Set = erlang:send_after(list_to_integer(Time), self(), {timer, Timer}),
            State#{{timer, Timer} => Set};
        ["cancel", Timer] ->
            Left = erlang:cancel_timer(maps:get({timer, Timer}, State)),
            answer(State, Words, atom_to_list(is_integer(Left)));
        ["busy", Time] -> timer:sleep(list_to_integer(Time)), State;
        ["whereis", Registered] ->
            answer(State, Words, words:name(whereis(list_to_atom(Registered))));
        ["alive", Other] -> answer(State, Words, atom_to_list(is_process_alive(pid(Other))));
        ["links"] ->
            {links, Links} = process_info(self(), links),
            answer(State, Words, lists:join(",", lists:sort([words:name(Pid) || Pid <- Links, is_pid(Pid)])));
        ["start", Other] -> answer(State, Words, words:answer(start(start, Other)));
        ["reply"] ->
            #{calls := [From | Calls]} = State,
            gen_server:reply(From, "replied"),
            State#{calls := Calls};
        [Verb] -> answer(State, Words, apps:do(Verb));
        [Verb, Other | Arguments] ->
            Answer = case lists:member(Verb, apps:verbs()) of
                true -> apps:do(Verb, Other, Arguments);
                false -> tree:do(Verb, Other, Arguments)
            end,
            answer(State, Words, Answer)
    end.

alias_of(Alias) ->
    [{_, Reference}] = ets:lookup(scenario, {alias, Alias}),
    Reference.

answer(State = #{name := Name}, Words, Answer) ->
    recorder:event(Name, [lists:join(" ", Words), " -> ", Answer]),
    State.

called(Pid, Request, Time) ->
    try gen_server:call(Pid, Request, Time)
    catch exit:Reason -> "exit " ++ words:reason(Reason)
    end.
