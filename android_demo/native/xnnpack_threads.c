/*
 * XNNPACK on several threads. TensorFlow Lite's Java library starts XNNPACK with one thread, whatever setNumThreads says
 * (https://github.com/google-ai-edge/LiteRT/issues/1328); its library has the C functions that take a number, and these
 * two make them callable from Java. `make android-native` compiles this file for each of Android's processors.
 *
 * No header is needed: only three C functions of libtensorflowlite_jni.so, and nothing of Java's environment.
 */
typedef struct {
    int threads; /* num_threads of TfLiteXNNPackDelegateOptions is its first field. */
    /* The others, which are kept as they are: they take 40 bytes in 2.16; newer versions may have more. */
    char others[252];
} Options;

extern Options TfLiteXNNPackDelegateOptionsDefault(void);
extern void *TfLiteXNNPackDelegateCreate(const Options *options);
extern void TfLiteXNNPackDelegateDelete(void *delegate);

/* The address of a delegate; 0 if there is none. */
long long Java_org_mobilenet_1tf_demo_engine_XnnpackThreads_create(void *environment, void *self, int threads) {
    (void)environment, (void)self;
    Options options = TfLiteXNNPackDelegateOptionsDefault();
    options.threads = threads;
    return (long long)(__SIZE_TYPE__)TfLiteXNNPackDelegateCreate(&options);
}

void Java_org_mobilenet_1tf_demo_engine_XnnpackThreads_delete(void *environment, void *self, long long delegate) {
    (void)environment, (void)self;
    TfLiteXNNPackDelegateDelete((void *)(__SIZE_TYPE__)delegate);
}
