//! What is reported of a task that crashes.

use super::on_node;
use crate::prelude::*;
use crate::process::heard::Events;

async fn job() {
    tokio::task::yield_now().await;
    panic!("in vain")
}

#[test]
fn a_task_that_crashes_is_called_after_its_job_however_it_was_started() {
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async |node| {
        const TASKS: Name<TaskSupervisor> = TaskSupervisor::named("tasks", "umbrella");
        let _tasks = TaskSupervisor::new().name(TASKS).start().await.expect("starts");
        node.wait_exit(Task::start(job()).expect("in a node")).await;
        assert!(Task::spawn(job()).await.is_err());
        assert!(TASKS.spawn_nolink(job()).await.expect("starts").await.is_err());
        node.wait_exit(TASKS.start(job()).await.expect("starts")).await;
    });
    let reports = reports.take();
    let told: Vec<_> = reports.iter().map(|report| (&*report["process"], &*report["ancestors"])).collect();
    let name = std::any::type_name_of_val(&job);
    assert_eq!(told, [(name, ""), (name, ""), (name, "tasks"), (name, "tasks")]);
    assert!(reports.iter().all(|report| report["reason"].ends_with("in vain")), "{reports:?}");
}
