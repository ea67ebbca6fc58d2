//! A server that says what a call is answered, for tests that look at nodes from outside.

/// The code of a server `Watch`, to be put into an application: it makes `call` again and again, and says when the answer
/// is another one than before, in lines that begin with `said:`.
#[must_use]
pub fn watch(call: &str) -> String {
    format!(
        r#"
/// Says what a call is answered.
#[derive(Debug)]
pub struct Watch {{
    last: String,
}}

#[derive(Debug)]
pub struct Look;

#[gen_server]
impl Watch {{
    async fn init(_nothing: (), cx: &mut Context<Self>) -> Result<Self, ExitReason> {{
        cx.send_after(std::time::Duration::from_millis(5), Look);
        Ok(Self {{ last: String::new() }})
    }}

    #[info]
    async fn look(&mut self, look: Look, cx: &mut Context<Self>) {{
        let said = match {call}.await {{
            Ok(_count) => "a count".to_owned(),
            Err(error) => format!("{{error:?}}"),
        }};
        if said != self.last {{
            println!("said: {{said}}");
            self.last = said;
        }}
        cx.send_after(std::time::Duration::from_millis(5), look);
    }}
}}
"#
    )
}
