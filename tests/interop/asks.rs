//! What nodes of Erlang ask of any node: functions, system messages, supervisors, applications, the observer's panels.

use umbrella::beam::{self, Introspection};
use umbrella::prelude::*;
use umbrella::process::Export;

use crate::erl::{Erl, Find};
use crate::{COUNTER, Counter, Member, block_on, nowhere};

/// A node of ours with a counter under a supervisor, and functions to be called.
pub(crate) async fn member(introspection: Introspection) -> Member {
    let c = Member::start(nowhere).await;
    equip(&c, introspection).await;
    c
}

/// Gives `c` a counter under a supervisor, and functions to be called.
pub(crate) async fn equip(c: &Member, introspection: Introspection) {
    beam::start(&c.node, introspection);
    c.node.export(Export::<(i64, i64)>::new("work", "divide"), async |(a, b)| match b {
        0 => Err("by zero".to_owned()),
        b => Ok(a / b),
    });
    c.node.export(Export::<()>::new("work", "crash"), async |()| crash());
    c.node.export(Export::<()>::new("work", "forever"), async |()| std::future::pending::<()>().await);
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .name(Supervisor::named("top", "c"))
        .child(Counter::child_spec(5).name(COUNTER).id("counter"))
        .child(DynamicSupervisor::new().child_spec("jobs"));
    c.node.scope(supervisor.start()).await.expect("starts");
}

fn crash() {
    panic!("boom")
}

/// What the script prints, on a node of Erlang that knows ours.
async fn asked(name: &str, c: &Member, script: &str) -> Vec<String> {
    Erl::start(name, &Find::Port(c.port()), script).lines().await
}

#[test]
fn rpc_and_erpc_call_what_is_exported_and_nothing_else() {
    block_on(async {
        let c = member(Introspection::Off).await;
        let script = "
            P(rpc:call(N, work, divide, [42, 2])),
            P(erpc:call(N, work, divide, [42, 0])),
            P(rpc:block_call(N, work, divide, [9, 3])),
            P(gen_server:call({rex, N}, {call, work, divide, [8, 2], self()})),
            P(erpc:multicall([N], work, divide, [4, 2])),
            P(rpc:call(N, os, cmd, [\"id\"])),
            P(catch erpc:call(N, erlang, halt, [])),
            {badrpc, {'EXIT', {{panicked, What, _}, [{work, crash, [], []}]}}} = rpc:call(N, work, crash, []), P(What),
            P(rpc:call(N, erlang, processes, [])),
            P(rpc:cast(N, work, divide, [1, 1])),
            P(erpc:receive_response(erpc:send_request(N, work, divide, [6, 3])))";
        let lines = asked("q1@127.0.0.1", &c, script).await;
        assert_eq!(lines[..5], ["{ok,21}", "{error,<<\"by zero\">>}", "{ok,3}", "{ok,4}", "[{ok,{ok,2}}]"]);
        assert_eq!(lines[5], "{badrpc,{'EXIT',{undef,[{os,cmd,[\"id\"],[]}]}}}");
        assert!(lines[6].starts_with("{'EXIT',{{exception,undef,[{erlang,halt,[],[]}]},"), "{}", lines[6]);
        assert_eq!(lines[7], "<<\"boom\">>");
        assert_eq!(lines[8], "{badrpc,{'EXIT',{undef,[{erlang,processes,[],[]}]}}}");
        assert_eq!(lines[9..], ["true", "{ok,2}"]);
    });
}

#[test]
fn sys_looks_into_servers_and_supervisors_tell_of_their_children() {
    block_on(async {
        let c = member(Introspection::On).await;
        let script = "
            P(case sys:get_state({counter, N}) of {ok, OTP25} -> OTP25; Told -> Told end),
            {status, Pid, {module, Module}, [_, State, _, _, Misc]} = sys:get_status({counter, N}), P({Module, State}),
            P(lists:last(Misc)),
            ok = sys:suspend({counter, N}),
            {'EXIT', {timeout, _}} = (catch gen_server:call({counter, N}, get, 100)),
            ok = sys:resume({counter, N}),
            ok = sys:statistics({counter, N}, true),
            6 = gen_server:call({counter, N}, {add, 1}),
            {ok, Counted} = sys:statistics({counter, N}, get), P(lists:keyfind(messages_in, 1, Counted)),
            P([{Id, Kind} || {Id, Child, Kind, _} <- supervisor:which_children({top, N}), is_pid(Child)]),
            P(supervisor:count_children({top, N})),
            [{_, Jobs, supervisor, _}, {_, Pid, worker, _}] = supervisor:which_children({top, N}),
            P(supervisor:which_children(Jobs)),
            P(gen_server:call({application_controller, N}, which_applications)),
            P(rpc:call(N, sys, get_state, [counter])),
            P(rpc:call(N, erlang, process_info, [Pid, registered_name])),
            P(rpc:call(N, erlang, whereis, [counter]) =:= Pid),
            P(lists:member(Pid, rpc:call(N, erlang, processes, [])))";
        let lines = asked("q2@127.0.0.1", &c, script).await;
        assert_eq!(
            lines,
            [
                "<<\"Counter { count: 5, .. }\">>",
                "{'interop::Counter',running}",
                "{data,[{\"State\",\"Counter { count: 5, .. }\"}]}",
                "{messages_in,1}",
                "[{<<\"jobs\">>,supervisor},{<<\"counter\">>,worker}]",
                "[{specs,2},{active,2},{supervisors,1},{workers,1}]",
                "[]",
                "[]",
                "<<\"Counter { count: 6, .. }\">>",
                "{registered_name,counter}",
                "true",
                "true",
            ]
        );
    });
}

#[test]
fn nobody_looks_into_a_node_that_does_not_let_him() {
    block_on(async {
        let c = member(Introspection::Off).await;
        let script = "
            {'EXIT', {Why, _}} = (catch sys:get_state({counter, N})), P(Why),
            {'EXIT', _} = (catch supervisor:which_children({top, N})),
            {'EXIT', _} = (catch gen_server:call({application_controller, N}, which_applications)),
            P(element(1, rpc:call(N, observer_backend, sys_info, []))),
            P(gen_server:call({counter, N}, get))";
        let lines = asked("q3@127.0.0.1", &c, script).await;
        assert_eq!(lines, ["introspection_is_off", "badrpc", "5"]);
    });
}

/// The calls of `observer` 2.14 and 2.17, in the order in which their panels make them.
#[test]
fn an_observer_is_answered_as_its_panels_ask() {
    block_on(async {
        let c = member(Introspection::On).await;
        let script = "
            pong = net_adm:ping(N),
            Info = rpc:call(N, observer_backend, sys_info, []),
            P([length(Info), length(proplists:get_value(alloc_info, Info))]),
            true = is_integer(rpc:call(N, erlang, system_info, [dirty_cpu_schedulers])),
            Stats = spawn_link(N, observer_backend, fetch_stats, [self(), 100]),
            receive {stats, 1, [{1, _, T1} | _], {{input, _}, {output, _}}, Memory} ->
                receive {stats, 1, [{1, _, T2} | _], _, _} -> P([T2 > T1, is_list(Memory)]) end end,
            unlink(Stats), Stats ! exit,
            {module, observer_backend} = rpc:call(N, code, ensure_loaded, [observer_backend]),
            true = rpc:call(N, erlang, function_exported, [observer_backend, procs_info, 1]),
            process_flag(trap_exit, true),
            Procs = spawn_link(N, observer_backend, procs_info, [self()]),
            receive {procs_info, Procs, Told} ->
                P([Name || {etop_proc_info, Proc, Bytes, _, Name, 0, {_, _, 0}, 0} <- Told, is_pid(Proc), Bytes > 0, Name =:= counter])
            end,
            receive {'EXIT', Procs, Why} -> P(Why) end,
            Pid = rpc:call(N, erlang, whereis, [counter]),
            Items = [binary, catchlevel, current_function, error_handler, garbage_collection, group_leader, heap_size,
                initial_call, last_calls, links, memory, message_queue_len, monitored_by, monitors, priority, reductions,
                registered_name, sequential_trace_token, stack_size, status, suspending, total_heap_size, trace,
                trap_exit],
            Items = [Item || {Item, _} <- rpc:call(N, erlang, process_info, [Pid, Items])], P(length(Items)),
            P(rpc:call(N, proc_lib, translate_initial_call, [Pid])),
            P(rpc:call(N, proc_lib, get_label, [Pid])),
            {ok, Appmon} = rpc:call(N, appmon_info, start_link2, [self(), self(), []]),
            {ok, Appmon} = rpc:call(N, appmon_info, start_link2, [self(), self(), []]),
            gen_server:cast(Appmon, {self(), app_ctrl, N, true, []}),
            receive {delivery, Appmon, app_ctrl, _, Apps} -> P(Apps) end,
            gen_server:cast(Appmon, {self(), app, c, true, []}),
            receive {delivery, Appmon, app, c, {Root, Labels, Links, []}} ->
                Names = [Label || {_, Label} <- Labels],
                P([lists:member(End, Names) || {From, To} <- [{Root, Root} | Links], End <- [From, To]] -- [true || _ <- Links, _ <- [1, 2]])
            end,
            Lists = [{get_port_list, []}, {get_socket_list, []}, {socket_info, []}, {get_table_list, [ets, []]}],
            P([rpc:call(N, erlang, function_exported, [observer_backend, F, length(A)]) || {F, A} <- Lists]),
            P([rpc:call(N, observer_backend, F, A) || {F, A} <- Lists]),
            {{input, In}, {output, Out}} = rpc:call(N, erlang, statistics, [io]), P(In > 1000 andalso Out > 1000),
            Bytes = rpc:call(N, erlang, memory, []), P(proplists:get_value(processes, Bytes) > 0),
            P(rpc:block_call(N, application, which_applications, []))";
        let lines = asked("q4@127.0.0.1", &c, script).await;
        assert_eq!(
            lines,
            [
                "[39,1]",
                "[true,true]",
                "[counter]",
                "normal",
                "24",
                "{'interop::Counter',init,0}",
                "<<\"interop::Counter\">>",
                "[]",
                "[true,true]",
                "[true,true,true,true]",
                "[[],[],[],[]]",
                "true",
                "true",
                "[]",
            ]
        );
    });
}

/// What `observer_procinfo` does with each process that is clicked on, and what a kill from its menu does.
#[test]
fn an_observer_opens_a_window_for_every_process_and_kills_one() {
    block_on(async {
        let c = member(Introspection::On).await;
        let script = "
            Items = [current_function, group_leader, heap_size, initial_call, memory, message_queue_len, total_heap_size],
            State = fun(Of) ->
                {Module, _, _} = rpc:call(N, proc_lib, translate_initial_call, [Of]),
                {behaviour, [gen_server]} = lists:keyfind(behaviour, 1, rpc:call(N, Module, module_info, [attributes])),
                case rpc:call(N, sys, get_status, [Of, 200]) of
                    {status, Of, {module, Module}, [_, _, _, _, [{header, _}, {data, _}, {data, _}]]} -> server;
                    {badrpc, {'EXIT', {timeout, {sys, get_status, [Of, 200]}}}} -> no_server
                end
            end,
            Window = fun(Of) ->
                Name = rpc:call(N, erlang, process_info, [Of, registered_name]),
                Info = rpc:call(N, erlang, process_info, [Of, Items]),
                [Memory, Heap, Total] = [proplists:get_value(Item, Info) || Item <- [memory, heap_size, total_heap_size]],
                true = Heap > 0 andalso Total >= Heap andalso Memory > 8 * Total,
                [{messages, []}, {dictionary, []}, {current_stacktrace, []}] =
                    [rpc:call(N, erlang, process_info, [Of, Page]) || Page <- [messages, dictionary, current_stacktrace]],
                {Name, State(Of)}
            end,
            All = [Window(Of) || Of <- rpc:call(N, erlang, processes, []), rpc:call(N, erlang, is_process_alive, [Of])],
            P([lists:member({{registered_name, Name}, State2}, All)
                || {Name, State2} <- [{counter, server}, {top, server}, {rex, no_server}]]),
            gen_server:cast({counter, N}, {set, 9}),
            {badrpc, {'EXIT', {noproc, {sys, get_status, [nobody, 200]}}}} = rpc:call(N, sys, get_status, [nobody, 200]),
            Pid = rpc:call(N, erlang, whereis, [counter]),
            R = monitor(process, Pid),
            exit(Pid, kill),
            receive {'DOWN', R, process, Pid, Why} -> P(Why) end,
            Again = fun F() -> case rpc:call(N, erlang, whereis, [counter]) of New when is_pid(New) -> New; _ -> F() end end,
            P(gen_server:call(Again(), get))";
        let lines = asked("q5@127.0.0.1", &c, script).await;
        assert_eq!(lines, ["[true,true,true]", "killed", "5"]);
    });
}
