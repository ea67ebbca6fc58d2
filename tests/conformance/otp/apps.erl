%% The applications of a scenario.
-module(apps).
-behaviour(application).
-export([do/1, do/3, clear/0, start/2, start_phase/3, prep_stop/1, stop/1]).

do("which_applications") ->
    Running = [atom_to_list(App) || {App, _, _} <- application:which_applications()],
    lists:join(",", [Name || Name <- Running, ets:member(scenario, {spec, Name})]).

do("boot", Name, []) ->
    load(),
    started(application:ensure_all_started(list_to_atom(Name), type(Name)));
do("app_stop", Name, []) -> words:answer(application:stop(list_to_atom(Name))).

started({ok, Started}) -> "ok " ++ lists:join(",", [atom_to_list(App) || App <- Started]);
started({error, {App, _}}) -> "error " ++ atom_to_list(App).

type(Name) -> list_to_atom(maps:get("type", actor:spec(Name), "temporary")).

load() ->
    Specs = [Spec || Spec = {{spec, _}, #{"kind" := "app"}} <- ets:tab2list(scenario)],
    [application:load(app(Name, Spec)) || {{spec, Name}, Spec} <- Specs].

app(Name, Spec) ->
    Needs = [list_to_atom(Need) || Need <- string:lexemes(maps:get("needs", Spec, ""), ",")],
    Phases = [{list_to_atom(Phase), []} || Phase <- string:lexemes(maps:get("phases", Spec, ""), ",")],
    {application, list_to_atom(Name),
     [{vsn, "1"}, {modules, []}, {registered, []}, {applications, [kernel, stdlib | Needs]}]
     ++ [{mod, {?MODULE, Name}} || not is_map_key("library", Spec)]
     ++ [{start_phases, Phases} || Phases =/= []]}.

clear() ->
    Apps = [list_to_atom(Name) || {{spec, Name}, #{"kind" := "app"}} <- ets:tab2list(scenario)],
    Running = [App || {App, _, _} <- application:which_applications(), lists:member(App, Apps)],
    [application:stop(App) || App <- Running],
    [application:unload(App) || App <- Apps].

%% Callbacks.

start(_Type, Name) ->
    Spec = actor:spec(Name),
    Outcome = maps:get("start", Spec, "ok"),
    recorder:event(Name, ["start ", Outcome]),
    case string:split(Outcome, ":") of
        ["ok"] ->
            case tree:start_link(maps:get("sup", Spec)) of
                {ok, Pid} -> {ok, Pid, Name};
                Failed -> Failed
            end;
        ["error", Reason] -> {error, words:exit(Reason)};
        ["crash", Reason] -> error(list_to_atom(Reason))
    end.

start_phase(Phase, _Type, Name) ->
    recorder:event(Name, ["phase ", atom_to_list(Phase)]),
    case maps:get("fails", actor:spec(Name), none) =:= atom_to_list(Phase) of
        true -> {error, no};
        false -> ok
    end.

prep_stop(Name) ->
    recorder:event(Name, ["prep_stop"]),
    Name.

stop(Name) -> recorder:event(Name, ["stop"]).
