%% The supervisors of a scenario, and what can be asked of them.
-module(tree).
-behaviour(supervisor).
-export([do/3, start_link/1, start_child/2, init/1]).

%% What the running process asks of the supervisor, or server, Name.
do("start_link", Name, []) -> words:answer(start_link(Name));
do("start_child", Name, [Child]) ->
    case actor:spec(Name) of
        #{"kind" := "dynamic"} -> asked(fun(Pid) -> supervisor:start_child(Pid, [Child]) end, Name);
        #{} -> asked(fun(Pid) -> supervisor:start_child(Pid, child(Child)) end, Name)
    end;
do("terminate_child", Name, [Child]) -> asked(fun(Pid) -> supervisor:terminate_child(Pid, key(Name, Child)) end, Name);
do("restart_child", Name, [Child]) -> asked(fun(Pid) -> supervisor:restart_child(Pid, list_to_atom(Child)) end, Name);
do("delete_child", Name, [Child]) -> asked(fun(Pid) -> supervisor:delete_child(Pid, list_to_atom(Child)) end, Name);
do("end", Name, [Reason]) -> asked(fun(Pid) -> gen_server:stop(Pid, words:exit(Reason), infinity) end, Name);
do("which_children", Name, []) ->
    asked(fun(Pid) ->
        Children = [child_text(Child) || Child <- supervisor:which_children(Pid)],
        Sorted = case actor:spec(Name) of
            #{"kind" := "dynamic"} -> lists:sort(Children);
            #{} -> Children
        end,
        {text, lists:join(",", Sorted)}
    end, Name);
do("count_children", Name, []) ->
    asked(fun(Pid) ->
        Counts = supervisor:count_children(Pid),
        % One specification for all children of a dynamic supervisor is what only OTP has.
        Keys = [specs || maps:get("kind", actor:spec(Name)) =/= "dynamic"] ++ [active, supervisors, workers],
        {text, lists:join(",", [words:text("~s:~b", [Key, proplists:get_value(Key, Counts)]) || Key <- Keys])}
    end, Name).

asked(Ask, Name) ->
    try Ask(actor:pid(Name)) of
        {text, Text} -> Text;
        Answer -> words:answer(Answer)
    catch exit:Reason -> "exit " ++ words:reason(Reason)
    end.

%% A child of a dynamic supervisor is known by its process, any other by its name.
key(Name, Child) ->
    case actor:spec(Name) of
        #{"kind" := "dynamic"} -> actor:pid(Child);
        #{} -> list_to_atom(Child)
    end.

child_text({undefined, Pid, _, _}) -> words:name(Pid);
child_text({Id, Pid, _, _}) -> words:text("~s:~s", [Id, state(Id, words:name(Pid))]).

state(Id, Id) -> "running";
state(Id, State) ->
    case atom_to_list(Id) of
        State -> "running";
        _ -> State
    end.

start_link(Name) ->
    case actor:spec(Name) of
        #{"kind" := "server"} -> actor:start_link(Name);
        #{} -> start_supervisor(Name)
    end.

start_supervisor(Name) ->
    Started = case actor:spec(Name) of
        #{"name" := Registered} -> supervisor:start_link({local, list_to_atom(Registered)}, ?MODULE, Name);
        #{} -> supervisor:start_link(?MODULE, Name)
    end,
    case Started of
        {ok, Pid} ->
            recorder:hello(Name, Pid),
            recorder:event(Name, ["started"]);
        _ -> failed
    end,
    Started.

%% Called by a dynamic supervisor.
start_child(_Template, Name) -> start_link(Name).

init(Name) ->
    Spec = actor:spec(Name),
    Flags = #{strategy => strategy(Spec),
              intensity => number("intensity", Spec, 1),
              period => number("period", Spec, 5),
              auto_shutdown => list_to_atom(maps:get("auto_shutdown", Spec, "never"))},
    {ok, {Flags, children(Name, Spec)}}.

strategy(#{"kind" := "dynamic"}) -> simple_one_for_one;
strategy(Spec) -> list_to_atom(maps:get("strategy", Spec, "one_for_one")).

children(Name, Spec = #{"kind" := "dynamic"}) ->
    [(child(Name))#{start => {?MODULE, start_child, [Name]}, type => worker,
                    restart => restart(Spec), shutdown => shutdown(Spec, 5000)}];
children(_Name, Spec) ->
    [child(Child) || Child <- string:lexemes(maps:get("children", Spec, ""), ",")].

child(Name) ->
    Spec = actor:spec(Name),
    {Type, Shutdown} = case Spec of
        #{"kind" := "server"} -> {worker, 5000};
        #{} -> {supervisor, infinity}
    end,
    #{id => list_to_atom(Name),
      start => {?MODULE, start_link, [Name]},
      restart => restart(Spec),
      shutdown => shutdown(Spec, Shutdown),
      significant => is_map_key("significant", Spec),
      type => Type}.

restart(Spec) -> list_to_atom(maps:get("restart", Spec, "permanent")).

shutdown(Spec, Default) ->
    case maps:get("shutdown", Spec, none) of
        none -> Default;
        "brutal_kill" -> brutal_kill;
        "infinity" -> infinity;
        Time -> list_to_integer(Time)
    end.

number(Key, Spec, Default) ->
    case Spec of
        #{Key := Text} -> list_to_integer(Text);
        #{} -> Default
    end.
