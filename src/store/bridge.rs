//! Asynchronous work for callers that wait: on threads of its own, because whoever asks may be anybody, a runtime of another
//! kind included.

use std::{future::Future, sync::mpsc::sync_channel};
use tokio::{
    runtime::{Builder, Handle, Runtime, RuntimeFlavor},
    task::block_in_place,
};

pub struct Bridge {
    /// `None` once dropped.
    runtime: Option<Runtime>,
}

impl Bridge {
    /// `blocking`: calls at most that hold a thread while they wait.
    pub fn open(name: &str, blocking: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(blocking)
            .thread_name(name)
            .enable_all()
            .build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Waits for the result; `None` if the work broke off.
    pub fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (sender, receiver) = sync_channel(1);
        self.runtime.as_ref()?.spawn(async move {
            let _ = sender.send(work.await);
        });
        let answer = || receiver.recv().ok();
        match Handle::try_current().map(|here| here.runtime_flavor()) {
            // The other requests of this thread go to another one meanwhile.
            Ok(RuntimeFlavor::MultiThread) => block_in_place(answer),
            _ => answer(),
        }
    }

    /// Not waited for, and cut off if the process ends first.
    pub fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(work);
        }
    }
}

impl Drop for Bridge {
    /// Not waited for: the last of a store may be dropped where nothing may block.
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}
